package api

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"countersign/portal"
)

func addStaff(name, email, role string) *AddStaffInput {
	in := &AddStaffInput{Key: newKey()}
	in.Body.Name, in.Body.Email, in.Body.Role = name, email, role
	return in
}

func staffAccess(member uuid.UUID, active bool) *SetStaffAccessInput {
	in := &SetStaffAccessInput{Member: member}
	in.Body.Active = active
	return in
}

// ofStaff is the principal of a colleague, signed in.
func (b *bundle) ofStaff(s StaffMember) portal.Principal {
	return b.signedIn(portal.Principal{
		Org: b.bright.id, OrgSlug: "bright", Side: portal.SideStaff, Actor: s.ID, ActorKind: portal.ActorStaff, Name: s.Name, Email: s.Email, Roles: []portal.Role{portal.Role(s.Role)},
	})
}

func (b *bundle) signsIn(email, password string) int {
	b.t.Helper()
	return b.call(nobody, http.MethodPost, "/api/bright/console/session", map[string]string{"email": email, "password": password}).status
}

func TestAColleagueIsAddedAndChoosesAPassword(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	in := addStaff(" Ann Stone ", " Ann@Bright.example ", "member")
	made := must(b.AddStaff.Do(ctx, in))(t)
	ann := made.Body
	if made.Status != http.StatusCreated || ann.Name != "Ann Stone" || ann.Email != "ann@bright.example" || ann.Role != "member" || !ann.Active || !ann.Invited || ann.LinkUntil == nil {
		t.Errorf("made: %d %+v", made.Status, ann)
	}
	if again := must(b.AddStaff.Do(ctx, in))(t).Body; again.ID != ann.ID {
		t.Error("one key made two colleagues")
	}
	other := addStaff("Ben", "ben@bright.example", "member")
	other.Key = in.Key
	_, err := b.AddStaff.Do(ctx, other)
	refused(t, err, portal.CodeKeyReused, "")
	if n := value[int](b, `SELECT count(*) FROM account_emails WHERE subject_id = $1 AND template = 'invitation' AND asked_by = 'Sam admin'`, ann.ID); n != 1 {
		t.Errorf("%d emails", n)
	}
	p := portal.Principal{Actor: ann.ID}
	at := "/api/bright/console/password-resets/"
	first := b.linkOf(p)
	b.now = b.now.Add(13 * 24 * time.Hour)
	if got := b.call(nobody, http.MethodGet, at+first, nil); got.status != http.StatusOK || !strings.Contains(string(got.body), `"invitation":true`) {
		t.Errorf("the link after 13 days: %d %s", got.status, got.body)
	}
	resend := &ResendStaffInvitationInput{Key: newKey(), Member: ann.ID}
	for range 2 { // the second is the same request once more
		must(b.ResendStaffInvitation.Do(ctx, resend))(t)
	}
	if n := value[int](b, `SELECT count(*) FROM account_emails WHERE subject_id = $1 AND template = 'invitation'`, ann.ID); n != 2 {
		t.Errorf("%d emails after one more", n)
	}
	link := b.linkOf(p)
	if got := b.call(nobody, http.MethodGet, at+first, nil).status; got != http.StatusGone {
		t.Errorf("the link before the newest: %d", got)
	}
	b.now = b.now.Add(staffInvitationLifetime)
	if got := b.call(nobody, http.MethodGet, at+link, nil); got.status != http.StatusGone || !strings.Contains(string(got.body), "invitation") {
		t.Errorf("the link after its time: %d %s", got.status, got.body)
	}
	// Whoever comes too late asks for a link at the sign-in.
	b.call(nobody, http.MethodPost, "/api/bright/console/password-resets", map[string]string{"email": ann.Email})
	if late := b.linkOf(p); late == link || b.call(nobody, http.MethodGet, at+late, nil).status != http.StatusOK {
		t.Error("somebody who is invited can't ask for a link")
	}
	must(b.ResendStaffInvitation.Do(ctx, &ResendStaffInvitationInput{Key: newKey(), Member: ann.ID}))(t)
	link = b.linkOf(p)
	choose := map[string]string{"password": chosen, "repeat": chosen}
	if got := b.call(nobody, http.MethodPost, at+link, choose); got.status != http.StatusOK {
		t.Fatalf("choosing a password: %d %s", got.status, got.body)
	}
	if got := b.call(nobody, http.MethodPost, at+link, choose); got.status != http.StatusGone {
		t.Errorf("the link again: %d", got.status)
	}
	if got := b.signsIn(ann.Email, chosen); got != http.StatusOK {
		t.Errorf("signing in: %d", got)
	}
	if n := value[int](b, `SELECT count(*) FROM account_emails WHERE subject_id = $1 AND template = 'password_changed'`, ann.ID); n != 0 {
		t.Error("a first password is told as a changed one")
	}
	_, err = b.ResendStaffInvitation.Do(ctx, &ResendStaffInvitationInput{Key: newKey(), Member: ann.ID})
	refused(t, err, portal.CodeConflict, "")
	told := must(b.ListActivity.Do(ctx, &ListActivityInput{}))(t).Body.Activity
	for n, want := range []string{"Ann Stone accepted the invitation to the staff", "Sam admin sent the invitation to Ann Stone again", "Sam admin sent the invitation to Ann Stone again", "Sam admin added Ann Stone to the staff"} {
		if told[n].Text != want {
			t.Errorf("told %d: %q, want %q", n, told[n].Text, want)
		}
	}
}

func TestAColleagueIsAddedOnceAndOnlyByAdministrators(t *testing.T) {
	b := setup(t)
	ctx := as(t.Context(), b.bright.admin)
	says := func(in *AddStaffInput, want string) {
		t.Helper()
		_, err := b.AddStaff.Do(ctx, in)
		refused(t, err, portal.CodeInvalid, "email")
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q doesn't say %q", err, want)
		}
	}
	ann := must(b.AddStaff.Do(ctx, addStaff("Ann", "ann@bright.example", "member")))(t).Body
	says(addStaff("Ann", "ANN@bright.example", "member"), "Send the invitation again")
	b.password(portal.Principal{Org: b.bright.id, Actor: ann.ID}, old)
	says(addStaff("Ann", "ann@bright.example", "member"), "colleague already")
	must(b.SetStaffAccess.Do(ctx, staffAccess(ann.ID, false)))(t)
	says(addStaff("Ann", "ann@bright.example", "member"), "Switch their access on again")
	for field, in := range map[string]*AddStaffInput{"name": addStaff("  ", "x@bright.example", "member"), "email": addStaff("X", "x at bright", "member"), "role": addStaff("X", "x@bright.example", "owner")} {
		_, err := b.AddStaff.Do(ctx, in)
		refused(t, err, portal.CodeInvalid, field)
	}
	// The address may sign in elsewhere: organizations have nothing to do with each other.
	must(b.AddStaff.Do(as(t.Context(), b.other.admin), addStaff("Ann", "ann@bright.example", "member")))(t)
	_, err := b.AddStaff.Do(as(t.Context(), b.bright.member), addStaff("X", "x@bright.example", "admin"))
	refused(t, err, portal.CodeForbidden, "")
	// A key may list staff and not make any: it would outlive itself.
	key := b.apiKey(b.bright.admin, string(portal.ActionManageStaff))
	if got := b.call(bearer(key), http.MethodGet, "/api/bright/console/staff", nil).status; got != http.StatusOK {
		t.Errorf("a key lists staff: %d", got)
	}
	if got := b.call(bearer(key), http.MethodPost, "/api/bright/console/staff", map[string]string{"name": "X", "email": "x@bright.example", "role": "admin"}).status; got != http.StatusForbidden {
		t.Errorf("a key adds an administrator: %d", got)
	}
	// Two at once with one address add one.
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[portal.Code]int{}
	for range 4 {
		wg.Go(func() {
			_, err := b.AddStaff.Do(ctx, addStaff("Kim", "kim@bright.example", "member"))
			mu.Lock()
			codes[portal.CodeOf(err)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if codes[""] != 1 || codes[portal.CodeInvalid] != 3 {
		t.Errorf("four at once: %v", codes)
	}
}

func TestSwitchingAccessOffEndsAllAtOnceAndOnAgainLetsIn(t *testing.T) {
	b := setup(t)
	ctx, p := as(t.Context(), b.bright.admin), b.bright.member
	b.password(p, old)
	b.call(nobody, http.MethodPost, "/api/bright/console/password-resets", map[string]string{"email": p.Email})
	link := "/api/bright/console/password-resets/" + b.linkOf(p)
	me := func(who portal.Principal) int {
		return b.call(session(who), http.MethodGet, "/api/bright/console/me", nil).status
	}
	elsewhere := b.signedIn(p)
	if off := must(b.SetStaffAccess.Do(ctx, staffAccess(p.Actor, false)))(t).Body; off.Active || off.Version != 2 {
		t.Errorf("switched off: %+v", off)
	}
	must(b.SetStaffAccess.Do(ctx, staffAccess(p.Actor, false)))(t) // is off already
	for name, who := range map[string]portal.Principal{"here": p, "elsewhere": elsewhere} {
		if got := me(who); got != http.StatusUnauthorized {
			t.Errorf("signed in %s: %d", name, got)
		}
	}
	if got := b.call(nobody, http.MethodGet, link, nil).status; got != http.StatusGone {
		t.Errorf("a link from before: %d", got)
	}
	if got := b.signsIn(p.Email, old); got != http.StatusUnprocessableEntity {
		t.Errorf("signing in without access: %d", got)
	}
	_, err := b.ResendStaffInvitation.Do(ctx, &ResendStaffInvitationInput{Key: newKey(), Member: p.Actor})
	refused(t, err, portal.CodeConflict, "")
	// A sign-in that was under way while access was switched off isn't one later.
	raced := b.signedIn(p)
	if on := must(b.SetStaffAccess.Do(ctx, staffAccess(p.Actor, true)))(t).Body; !on.Active || on.Invited {
		t.Errorf("switched on: %+v", on)
	}
	if got := me(raced); got != http.StatusUnauthorized {
		t.Errorf("a sign-in from between: %d", got)
	}
	if got := b.call(nobody, http.MethodGet, link, nil).status; got != http.StatusGone {
		t.Errorf("the link, with access again: %d", got)
	}
	if got := b.signsIn(p.Email, old); got != http.StatusOK {
		t.Errorf("signing in with access again: %d", got)
	}
	if n := value[int](b, `SELECT count(*) FROM events WHERE subject_id = $1 AND kind IN ('staff.access_ended', 'staff.access_given') AND actor_id = $2`, p.Actor, b.bright.admin.Actor); n != 2 {
		t.Errorf("%d events, not two", n)
	}
	// Whoever never chose a password is invited anew.
	ann := must(b.AddStaff.Do(ctx, addStaff("Ann", "ann@bright.example", "member")))(t).Body
	must(b.SetStaffAccess.Do(ctx, staffAccess(ann.ID, false)))(t)
	if b.linkOf(portal.Principal{Actor: ann.ID}) != "" {
		t.Error("an invitation stays open without access")
	}
	must(b.SetStaffAccess.Do(ctx, staffAccess(ann.ID, true)))(t)
	if got := b.call(nobody, http.MethodGet, "/api/bright/console/password-resets/"+b.linkOf(portal.Principal{Actor: ann.ID}), nil).status; got != http.StatusOK {
		t.Errorf("the new invitation: %d", got)
	}
}

func TestAnAdministratorAlwaysStays(t *testing.T) {
	b := setup(t)
	admin := b.bright.admin
	ctx := as(t.Context(), admin)
	edit := func(by portal.Principal, of StaffMember, role string) error {
		in := &EditStaffInput{Member: of.ID}
		in.Body.Version, in.Body.Name, in.Body.Role = of.Version, of.Name, role
		_, err := b.EditStaff.Do(as(t.Context(), by), in)
		return err
	}
	read := func(id uuid.UUID) StaffMember {
		t.Helper()
		s, ok := memberOf(must(b.ListStaff.Do(ctx, &ListStaffInput{}))(t).Body.Staff, id)
		if !ok {
			t.Fatalf("nobody is %s", id)
		}
		return s
	}
	b.password(admin, old)
	// One who is merely invited doesn't count.
	second := must(b.AddStaff.Do(ctx, addStaff("Second", "second@bright.example", "admin")))(t).Body
	refused(t, edit(admin, read(admin.Actor), "member"), portal.CodeInvalid, "role")
	_, err := b.SetStaffAccess.Do(ctx, staffAccess(admin.Actor, false))
	refused(t, err, portal.CodeConflict, "")
	b.password(portal.Principal{Org: b.bright.id, Actor: second.ID}, old)
	// An older copy is not saved, and a change is told with what was.
	renamed := read(second.ID)
	renamed.Name = "Second Stone"
	if err := edit(admin, renamed, "admin"); err != nil {
		t.Fatal(err)
	}
	refused(t, edit(admin, renamed, "admin"), portal.CodeStale, "")
	if told := must(b.ListActivity.Do(ctx, &ListActivityInput{}))(t).Body.Activity[0]; told.Text != "Sam admin changed the name of Second Stone" || told.Detail != "name: Second → Second Stone" {
		t.Errorf("told: %q, %q", told.Text, told.Detail)
	}
	// Each takes the other's role, or access, at the same time: one of them stays.
	rival := b.ofStaff(read(second.ID))
	for round := range 6 {
		start := make(chan struct{})
		errs := make([]error, 2)
		mine, theirs := read(admin.Actor), read(second.ID)
		var wg sync.WaitGroup
		for n, act := range []struct {
			by portal.Principal
			of StaffMember
		}{{admin, theirs}, {rival, mine}} {
			wg.Go(func() {
				<-start
				if round%2 == 0 {
					errs[n] = edit(act.by, act.of, "member")
				} else {
					_, errs[n] = b.SetStaffAccess.Do(as(t.Context(), act.by), staffAccess(act.of.ID, false))
				}
			})
		}
		close(start)
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
		}
		for _, err := range errs {
			if err != nil {
				refused(t, err, portal.CodeForbidden, "")
			}
		}
		if n := value[int](b, `SELECT count(*) FROM staff WHERE org_id = $1 AND active AND role = 'admin'`, b.bright.id); n != 1 {
			t.Fatalf("round %d leaves %d administrators", round, n)
		}
		b.sql(`UPDATE staff SET active = true, role = 'admin' WHERE id IN ($1, $2)`, admin.Actor, second.ID)
	}
	// And both leave at the same time: the second can't.
	start, errs := make(chan struct{}), make([]error, 2)
	var wg sync.WaitGroup
	for n, by := range []portal.Principal{admin, rival} {
		wg.Go(func() {
			<-start
			_, errs[n] = b.SetStaffAccess.Do(as(t.Context(), by), staffAccess(by.Actor, false))
		})
	}
	close(start)
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both leaving: %v, %v", errs[0], errs[1])
	}
}
