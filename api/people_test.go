package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"countersign/auth"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

func TestACustomerIsMadeEditedAndFound(t *testing.T) { // R12
	b := setup(t)
	ctx := as(t.Context(), b.bright.member)
	in := newCustomer("Zeta Works")
	in.Body.Email, in.Body.Website = " Hello@Zeta.Example ", "zeta.example"
	made := must(b.CreateCustomer.Do(ctx, in))(t).Body
	if made.Email != "hello@zeta.example" || made.Website != "https://zeta.example" || made.Currency != "USD" || made.Number == "" || made.Access != "none" || made.Version != 1 {
		t.Errorf("made: %+v", made)
	}
	if again := must(b.CreateCustomer.Do(ctx, in))(t).Body; again.ID != made.ID {
		t.Error("one key made two customers")
	}
	edit := &EditCustomerInput{Customer: made.ID}
	edit.Body.Version, edit.Body.CustomerContent = 1, made.CustomerContent
	edit.Body.Name, edit.Body.BankDebitAllowed = "Zeta Holding", true
	edited := must(b.EditCustomer.Do(ctx, edit))(t).Body
	if edited.Name != "Zeta Holding" || !edited.BankDebitAllowed || edited.Version != 2 || edited.Number != made.Number {
		t.Errorf("edited: %+v", edited)
	}
	_, err := b.EditCustomer.Do(ctx, edit)
	refused(t, err, portal.CodeStale, "")
	taken := newCustomer("Other")
	taken.Body.Number = made.Number
	_, err = b.CreateCustomer.Do(ctx, taken)
	refused(t, err, portal.CodeInvalid, "number")
	for field, spoil := range map[string]func(*CreateCustomerInput){
		"email":    func(in *CreateCustomerInput) { in.Body.Email = "Zeta <x@zeta.example>" },
		"website":  func(in *CreateCustomerInput) { in.Body.Website = "javascript:alert(1)//x.y" },
		"currency": func(in *CreateCustomerInput) { in.Body.Currency = "XAU" },
		"name":     func(in *CreateCustomerInput) { in.Body.Name = "   " },
	} {
		in := newCustomer("Spoiled")
		spoil(in)
		_, err := b.CreateCustomer.Do(ctx, in)
		refused(t, err, portal.CodeInvalid, field)
	}
}

func TestNumbersSkipThoseGivenByHand(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.member)
	first := must(b.CreateCustomer.Do(ctx, newCustomer("First")))(t).Body.Number
	n, err := strconv.Atoi(strings.TrimPrefix(first, "C-"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 2; i++ {
		byHand := newCustomer("By hand")
		byHand.Body.Number = fmt.Sprintf("C-%04d", n+i)
		must(b.CreateCustomer.Do(ctx, byHand))(t)
	}
	if next := must(b.CreateCustomer.Do(ctx, newCustomer("Next")))(t).Body.Number; next != fmt.Sprintf("C-%04d", n+3) {
		t.Errorf("after %s and two given by hand comes %s", first, next)
	}
}

func TestCustomersAreSearchedAndPagedByName(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.member)
	for _, name := range []string{"delta", "Charlie", "echo", "charlie", "Élan"} {
		must(b.CreateCustomer.Do(ctx, newCustomer(name)))(t)
	}
	names := func(in ListCustomersInput) (all []string) {
		in.Size = 2
		for {
			page := must(b.ListCustomers.Do(ctx, &in))(t).Body
			for _, c := range page.Customers {
				all = append(all, c.Name)
			}
			if in.After = page.Next; in.After == "" {
				return all
			}
		}
	}
	up, down := names(ListCustomersInput{}), names(ListCustomersInput{Sort: "-name"})
	if len(up) != 7 || up[0] != "Acme" || up[1] != "Birch" {
		t.Errorf("by name: %v", up)
	}
	slices.Reverse(down)
	if !slices.Equal(up, down) {
		t.Errorf("up %v, down %v", up, down)
	}
	if got := names(ListCustomersInput{Search: "maria@acme"}); !slices.Equal(got, []string{"Acme"}) {
		t.Errorf("by a contact's address: %v", got)
	}
	page := must(b.ListCustomers.Do(ctx, &ListCustomersInput{Search: "acme"}))(t).Body.Customers
	if page[0].Access != "active" || len(page[0].Outstanding) != 1 || page[0].Outstanding[0].Due.Amount != 100_00 {
		t.Errorf("acme is %+v", page[0])
	}
}

func TestContactsOfACustomer(t *testing.T) { // R12, N8
	b := setup(t)
	ctx := as(t.Context(), b.bright.member)
	made := must(b.CreateCustomer.Do(ctx, newCustomer("Zeta")))(t).Body
	create := func(name, email string, primary bool) (*ContactOutput, error) {
		in := &CreateContactInput{Key: newKey(), Customer: made.ID}
		in.Body.Name, in.Body.Email, in.Body.Primary = name, email, primary
		return b.CreateContact.Do(ctx, in)
	}
	first := must(create("Ann", "ann@zeta.example", false))(t).Body
	if !first.Primary || first.Access != "none" || !slices.Equal(first.Roles, []string{"approve", "pay", "view"}) {
		t.Errorf("the first contact: %+v", first)
	}
	second := must(create("Bob", "bob@zeta.example", true))(t).Body
	detail := must(b.GetCustomer.Do(ctx, &CustomerInput{Customer: made.ID}))(t).Body
	if len(detail.Contacts) != 2 || detail.Contacts[0].ID != second.ID || !detail.Contacts[0].Primary || detail.Contacts[1].Primary {
		t.Errorf("the contacts: %+v", detail.Contacts)
	}
	_, err := create("Ann again", "ANN@zeta.example", false)
	refused(t, err, portal.CodeInvalid, "email")
	edit := &EditContactInput{Contact: second.ID}
	edit.Body.Version, edit.Body.ContactContent = second.Version, second.ContactContent
	edit.Body.Roles = []string{"view", "view"}
	if got := must(b.EditContact.Do(ctx, edit))(t).Body; !slices.Equal(got.Roles, []string{"view"}) {
		t.Errorf("roles: %v", got.Roles)
	}
	_, err = b.EditContact.Do(ctx, edit)
	refused(t, err, portal.CodeStale, "")
	edit.Body.Version, edit.Body.Email = 2, "ann@zeta.example"
	_, err = b.EditContact.Do(ctx, edit)
	refused(t, err, portal.CodeInvalid, "email")
	// Who signs in has an address that nobody else signs in with.
	signsIn := &EditContactInput{Contact: b.acme.contact.Actor}
	signsIn.Body.Version, signsIn.Body.Name, signsIn.Body.Email = 1, "Maria", b.birch.contact.Email
	_, err = b.EditContact.Do(ctx, signsIn)
	refused(t, err, portal.CodeInvalid, "roles") // none is no answer to what somebody may do
	signsIn.Body.Roles = []string{"view"}
	_, err = b.EditContact.Do(ctx, signsIn)
	refused(t, err, portal.CodeInvalid, "email")
	if withRoles := must(b.GetContact.Do(ctx, &ContactInput{Contact: b.acme.viewer.Actor}))(t).Body; withRoles.Access != "active" || !slices.Equal(withRoles.Roles, []string{"view"}) {
		t.Errorf("a viewer: %+v", withRoles)
	}
}

func TestAnInvitationsStateIsShownOnItsContact(t *testing.T) { // R12
	b := setup(t)
	for n, status := range []string{"expired", "pending"} {
		b.sql(`INSERT INTO invitations (org_id, id, customer_id, contact_id, status, token_hash, request_hash, created_at, expires_at, ended_at)
			VALUES ($1, $2, $3, $4, $5::text, $6, '\x00', $7::timestamptz, $7::timestamptz, CASE WHEN $5::text <> 'pending' THEN $7::timestamptz END)`,
			b.bright.id, uuid.New(), b.acme.id, b.acme.viewer.Actor, status, auth.Hash(status), noon.AddDate(0, 0, n))
	}
	got := must(b.GetContact.Do(as(t.Context(), b.bright.member), &ContactInput{Contact: b.acme.viewer.Actor}))(t).Body
	if got.Invitation == nil || got.Invitation.Status != portal.InvitationPending {
		t.Errorf("the invitation is %+v", got.Invitation)
	}
}

func editCompany(b *bundle, version int, name string) *EditMyCompanyInput {
	in := &EditMyCompanyInput{}
	in.Body.Version, in.Body.Name, in.Body.Email = version, name, "post@acme.example"
	in.Body.BillingAddress = portal.Address{Line1: "1 High Street", City: "Boston", Country: "US"}
	return in
}

func TestAContactEditsTheCompanyAndStaffSeeItAtOnce(t *testing.T) { // R54
	b := setup(t)
	ctx := as(t.Context(), b.acme.viewer)
	got := must(b.EditMyCompany.Do(ctx, editCompany(b, 1, "Acme Limited")))(t).Body
	if got.Company.Name != "Acme Limited" || got.Company.BillingAddress.City != "Boston" || got.Company.Version != 2 {
		t.Errorf("the contact sees %+v", got.Company)
	}
	staff := must(b.GetCustomer.Do(as(t.Context(), b.bright.member), &CustomerInput{Customer: b.acme.id}))(t).Body
	if staff.Name != "Acme Limited" || staff.Email != "post@acme.example" || staff.TermsDays != 30 {
		t.Errorf("staff see %+v", staff)
	}
	_, err := b.EditMyCompany.Do(ctx, editCompany(b, 1, "Acme again"))
	refused(t, err, portal.CodeStale, "")
	if n := value[int](b, `SELECT count(*) FROM events WHERE kind = 'customer.updated' AND data -> 'changed' ? 'billing address'`); n != 1 {
		t.Errorf("%d events tell of it", n)
	}
}

func TestAFeatureThatIsOffIsRefused(t *testing.T) { // R4, R10
	b := setup(t)
	admin := as(t.Context(), b.bright.admin)
	now := must(b.GetSettings.Do(admin, &SettingsInput{}))(t).Body
	save := &SaveSettingsInput{}
	save.Body.Settings, save.Body.Version = now.Settings, now.Version
	save.Body.EditDetails, save.Body.Banner = false, "Hello."
	saved := must(b.SaveSettings.Do(admin, save))(t).Body
	if saved.EditDetails || saved.Banner != "Hello." || saved.Version != now.Version+1 {
		t.Errorf("saved: %+v", saved)
	}
	_, err := b.SaveSettings.Do(admin, save)
	refused(t, err, portal.CodeStale, "")
	_, err = b.EditMyCompany.Do(as(t.Context(), b.acme.contact), editCompany(b, 1, "Acme Limited"))
	refused(t, err, portal.CodeForbidden, "")
	if got := b.call(session(b.acme.contact), http.MethodPut, "/api/bright/portal/account/me", map[string]any{"version": 1, "name": "M", "email": b.acme.contact.Email}); got.status != http.StatusForbidden {
		t.Errorf("over HTTP: %d %s", got.status, got.body)
	}
	save.Body.Version, save.Body.Banner = saved.Version, strings.Repeat("x", portal.MaxBanner+1)
	_, err = b.SaveSettings.Do(admin, save)
	refused(t, err, portal.CodeInvalid, "banner")
}

// password gives p one.
func (b *bundle) password(p portal.Principal, password string) {
	b.t.Helper()
	hash, err := b.Passwords.Hash(b.t.Context(), password)
	if err != nil {
		b.t.Fatal(err)
	}
	err = b.DB.In(b.t.Context(), portal.System(p.Org), func(q *dbsqlc.Queries) error {
		return q.SetPassword(b.t.Context(), dbsqlc.SetPasswordParams{OrgID: p.Org, SubjectID: p.Actor, PasswordHash: hash, ChangedAt: b.now})
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

const old, chosen = "a quiet harbour at dusk", "seven plain wooden chairs"

func changePassword(current, wanted, repeat string) *ChangePasswordInput {
	in := &ChangePasswordInput{}
	in.Body.Current, in.Body.New, in.Body.Repeat = current, wanted, repeat
	return in
}

func TestChangingThePasswordEndsTheOtherSessionsOnly(t *testing.T) { // R55
	b := setup(t)
	for name, p := range map[string]portal.Principal{"contact": b.acme.contact, "staff": b.bright.member} {
		b.password(p, old)
		b.password(b.acme.viewer, old)
		elsewhere := b.signedIn(p)
		change := b.ChangeMyPassword
		if p.Side == portal.SideStaff {
			change = b.ChangeStaffPassword
		}
		ctx := as(t.Context(), p)
		_, err := change.Do(ctx, changePassword("not the password", chosen, chosen))
		refused(t, err, portal.CodeInvalid, "current")
		_, err = change.Do(ctx, changePassword(old, chosen, chosen+"!"))
		refused(t, err, portal.CodeInvalid, "repeat")
		_, err = change.Do(ctx, changePassword(old, "password1234", "password1234"))
		refused(t, err, portal.CodeInvalid, "new")
		_, err = change.Do(ctx, changePassword(old, old, old))
		refused(t, err, portal.CodeInvalid, "new")
		out := must(change.Do(ctx, changePassword(old, chosen, chosen)))(t)
		if out.Body.SignedOut != 1 || len(out.SetCookie) != 1 {
			t.Errorf("%s: %d sessions ended, cookies %v", name, out.Body.SignedOut, out.SetCookie)
		}
		where := "portal"
		if p.Side == portal.SideStaff {
			where = "console"
		}
		if got := b.call(cookies(out.SetCookie), http.MethodGet, "/api/bright/"+where+"/account/sessions", nil); got.status != http.StatusOK {
			t.Errorf("%s: this session: %d", name, got.status)
		}
		if got := b.call(session(p), http.MethodGet, "/api/bright/"+where+"/account/sessions", nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s: this session's old token: %d", name, got.status)
		}
		if got := b.call(session(elsewhere), http.MethodGet, "/api/bright/"+where+"/account/sessions", nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s: the other session: %d", name, got.status)
		}
		signIn := func(email, password string) int {
			return b.call(nobody, http.MethodPost, "/api/bright/"+where+"/session", map[string]string{"email": email, "password": password}).status
		}
		if got := signIn(p.Email, old); got != http.StatusUnprocessableEntity {
			t.Errorf("%s: the old password: %d", name, got)
		}
		if got := signIn(p.Email, chosen); got != http.StatusOK {
			t.Errorf("%s: the new password: %d", name, got)
		}
	}
	if got := b.call(nobody, http.MethodPost, "/api/bright/portal/session", map[string]string{"email": b.acme.viewer.Email, "password": old}); got.status != http.StatusOK {
		t.Errorf("another contact's password changed too: %d", got.status)
	}
}

func TestGuessingAtAnOpenScreenIsStopped(t *testing.T) { // R55
	b := setup(t)
	b.password(b.acme.contact, old)
	ctx := as(t.Context(), b.acme.contact)
	var err error
	for range throttlePerAccount {
		_, err = b.ChangeMyPassword.Do(ctx, changePassword("not the password", chosen, chosen))
		refused(t, err, portal.CodeInvalid, "current")
	}
	_, err = b.ChangeMyPassword.Do(ctx, changePassword(old, chosen, chosen))
	refused(t, err, portal.CodeTooMany, "")
}

func TestANewAddressToSignInWithNeedsThePassword(t *testing.T) { // R54
	b := setup(t)
	b.password(b.acme.contact, old)
	ctx := as(t.Context(), b.acme.contact)
	edit := func(email, password string) (*AccountOutput, error) {
		in := &EditMeInput{}
		in.Body.Version, in.Body.Name, in.Body.Email, in.Body.Password, in.Body.Title = 1, "Maria Lopez", email, password, "Owner"
		return b.EditMe.Do(ctx, in)
	}
	_, err := edit("new@acme.example", "")
	refused(t, err, portal.CodeInvalid, "password")
	_, err = edit(b.acme.viewer.Email, old)
	refused(t, err, portal.CodeInvalid, "email")
	got := must(edit("new@acme.example", old))(t).Body.Me
	if got.Email != "new@acme.example" || got.Name != "Maria Lopez" || got.Title != "Owner" || !got.MayPay {
		t.Errorf("it is %+v", got)
	}
}

func TestSessionsAreListedAndEndedByTheirOwner(t *testing.T) { // R58
	b := setup(t)
	elsewhere := b.signedIn(b.acme.contact)
	ctx := as(t.Context(), b.acme.contact)
	list := must(b.ListMySessions.Do(ctx, &ListSessionsInput{}))(t).Body.Sessions
	if len(list) != 2 || slices.ContainsFunc(list, func(s Session) bool { return s.Current != (s.ID == b.acme.contact.SessionID) }) {
		t.Errorf("the sessions: %+v", list)
	}
	_, err := b.EndMySession.Do(as(t.Context(), b.acme.viewer), &EndSessionInput{Session: elsewhere.SessionID})
	refused(t, err, portal.CodeNotFound, "")
	must(b.EndMySession.Do(ctx, &EndSessionInput{Session: elsewhere.SessionID}))(t)
	if got := b.call(session(elsewhere), http.MethodGet, "/api/bright/portal/home", nil); got.status != http.StatusUnauthorized {
		t.Errorf("the ended session: %d", got.status)
	}
	out := must(b.EndMySession.Do(ctx, &EndSessionInput{Session: b.acme.contact.SessionID}))(t)
	if len(out.SetCookie) != 1 || out.SetCookie[0].MaxAge >= 0 {
		t.Errorf("ending this session leaves its cookie: %+v", out.SetCookie)
	}
}

func TestAPIKeysAreShownOnceScopedAndRevoked(t *testing.T) { // N12
	b := setup(t)
	admin := as(t.Context(), b.bright.admin)
	in := &CreateAPIKeyInput{Key: newKey()}
	in.Body.Name, in.Body.Scopes = "Books", []string{string(portal.ActionViewDocuments), string(portal.ActionManageIntegrations)}
	made := must(b.CreateAPIKey.Do(admin, in))(t).Body
	_, err := b.CreateAPIKey.Do(admin, in)
	refused(t, err, portal.CodeConflict, "")
	if !strings.HasPrefix(made.Token, "csk_") || value[int](b, `SELECT count(*) FROM api_keys WHERE prefix = $1 AND name = 'Books'`, made.Token) != 0 {
		t.Errorf("the key is %s", made.Token)
	}
	read := func() int {
		return b.call(bearer(made.Token), http.MethodGet, "/api/bright/console/invoices", nil).status
	}
	if got := read(); got != http.StatusOK {
		t.Errorf("with its scope: %d", got)
	}
	if got := b.call(bearer(made.Token), http.MethodGet, "/api/other/console/invoices", nil).status; got != http.StatusUnauthorized {
		t.Errorf("at another organization: %d", got)
	}
	if got := b.call(bearer(made.Token), http.MethodPost, "/api/bright/console/api-keys", map[string]any{"name": "More", "scopes": []string{"documents.view"}}).status; got != http.StatusForbidden {
		t.Errorf("a key made a key: %d", got)
	}
	if got := b.call(bearer(made.Token), http.MethodPost, "/api/bright/console/account/password", map[string]any{"current": "x", "new": "y", "repeat": "y"}).status; got != http.StatusForbidden {
		t.Errorf("a key changed a password: %d", got)
	}
	listed := must(b.ListAPIKeys.Do(admin, &ListAPIKeysInput{}))(t).Body
	if len(listed.Keys) != 1 || listed.Keys[0].CreatedBy != "Sam admin" || !strings.HasPrefix(made.Token, listed.Keys[0].Prefix) || len(listed.Scopes) == 0 {
		t.Errorf("listed: %+v", listed)
	}
	must(b.RevokeAPIKey.Do(admin, &RevokeAPIKeyInput{ID: made.ID}))(t)
	if got := read(); got != http.StatusUnauthorized {
		t.Errorf("after it was revoked: %d", got)
	}
	in.Key, in.Body.Scopes = newKey(), []string{string(portal.ActionPay)}
	_, err = b.CreateAPIKey.Do(admin, in)
	refused(t, err, portal.CodeInvalid, "scopes")
}

func TestStaffKnowWhoTheyAreAndWhatTheyMay(t *testing.T) {
	b := setup(t)
	b.TemporalUI = "http://localhost:8233"
	admin := must(b.Me.Do(as(t.Context(), b.bright.admin), &StaffMeInput{}))(t).Body
	member := must(b.Me.Do(as(t.Context(), b.bright.member), &StaffMeInput{}))(t).Body
	if admin.Role != "admin" || !slices.Contains(admin.Actions, "settings.manage") || admin.TemporalUI == "" {
		t.Errorf("an admin: %+v", admin)
	}
	if member.Role != "member" || slices.Contains(member.Actions, "settings.manage") || member.TemporalUI != "" {
		t.Errorf("a member: %+v", member)
	}
	if staff := must(b.ListStaff.Do(as(t.Context(), b.bright.admin), &ListStaffInput{}))(t).Body.Staff; len(staff) != 2 {
		t.Errorf("staff: %+v", staff)
	}
}

func TestTheProfileIsEditedByAdmins(t *testing.T) {
	b := setup(t)
	admin := as(t.Context(), b.bright.admin)
	in := &EditOrganizationInput{}
	in.Body.Version, in.Body.Name, in.Body.Email, in.Body.Accent, in.Body.Website = 1, "Bright Studio", "Hello@Bright.example", "#7a3b00", "bright.example"
	in.Body.Address = portal.Address{Line1: "5 Mill Lane", City: "Boston"}
	got := must(b.EditProfile.Do(admin, in))(t).Body
	if got.Email != "hello@bright.example" || got.Website != "https://bright.example" || got.Version != 2 || got.Slug != "bright" || got.TimeZone != "America/New_York" {
		t.Errorf("it is %+v", got)
	}
	_, err := b.EditProfile.Do(admin, in)
	refused(t, err, portal.CodeStale, "")
	in.Body.Version, in.Body.Accent = 2, "red"
	_, err = b.EditProfile.Do(admin, in)
	refused(t, err, portal.CodeInvalid, "accent")
	brand := must(b.Brand.Do(t.Context(), &BrandInput{Org: "bright"}))(t).Body
	if brand.Name != "Bright Studio" || brand.Accent != "#7a3b00" || brand.Currency != "USD" || brand.Locale != "en-US" {
		t.Errorf("the brand: %+v", brand)
	}
	_, err = b.Brand.Do(t.Context(), &BrandInput{Org: "nobody"})
	refused(t, err, portal.CodeNotFound, "")
}
