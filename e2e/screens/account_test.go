package screens

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"

	"countersign/devstack/authenticator"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
	"countersign/e2e/acts"
	"countersign/e2e/browser"
	"countersign/workflows"
)

// clock is one that stands still until it is moved: an authenticator's codes follow from it.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().Truncate(30 * time.Second).Unix())
	return c
}

func (c *clock) now() time.Time        { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(by time.Duration) { c.at.Add(int64(by / time.Second)) }

// code is what an authenticator that we didn't write shows for a secret.
func (c *clock) code(t *testing.T, secret string) string {
	t.Helper()
	return authenticator.Code(t, secret, c.now())
}

// enrolled takes the tab through the set-up, from its page to the backup codes.
func enrolled(t *testing.T, tab *browser.Tab, c *clock) (secret string, codes []string) {
	t.Helper()
	tab.Says("Set up your authenticator", "Scan this with an authenticator app").Press("I can’t scan it").Says("Type this secret")
	uri, err := url.Parse(tab.Link("open it there"))
	if err != nil || uri.Scheme != "otpauth" || uri.Query().Get("issuer") != "Bright bright" {
		t.Fatalf("the authenticator is to hold %s: %v", uri, err)
	}
	secret = uri.Query().Get("secret")
	tab.Type("Six digits", c.code(t, secret)).Press("Turn it on")
	tab.Says("Your backup codes", "you are signed in", "They are shown only now", "Download", "Copy all")
	codes = tab.Texts("#codes li")
	if len(codes) != 5 {
		t.Fatalf("backup codes: %v", codes)
	}
	return secret, codes
}

// give types an address and the password of everyone, and leaves what comes then to the caller.
func give(tab *browser.Tab, s *stack.Stack, email string) *browser.Tab {
	return tab.Open(s.URL+"/bright/sign-in").Type("Email address", email).Type("Password", stack.Password).Press("Sign in")
}

func signOut(tab *browser.Tab) *browser.Tab {
	return tab.Press("Your account").Press("Sign out").Says("You are signed out")
}

// R9 R59 R60 R61 R62 R63 R64: a contact sets an authenticator up and signs in with it, on screens alone; what was used is
// refused, guessing is stopped, and only staff release her.
func TestJourneyOfTheSecondFactor(t *testing.T) {
	chromium := browser.Start(t)
	c := newClock()
	s := stack.New(t, stack.Options{Pages: true, Now: c.now})
	s.Seed("bright", "USD")
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })

	grace := chromium.Visitor(browser.Options{}).Open(s.URL + "/console/bright/sign-in")
	grace.Type("Email address", "grace@bright.test").Type("Password", stack.Password).Press("Sign in").Says("Grace Bright")
	grace.Press("Portal settings").Tick("Ask every contact for an authenticator code").Press("Save").Says("Your changes are saved")

	// The set-up comes after the password, and nothing can be opened before it is done.
	ann := give(chromium.Visitor(browser.Options{}), s, "ann@lovelace.test")
	ann.Says("Set up your authenticator").Fits().Shot("01-set-up")
	ann.Another().Open(s.URL+"/bright/invoices").Says("Sign in", "Forgotten password")
	ann.Type("Six digits", "000000").Press("Turn it on")
	if problem := ann.Problem("Six digits"); !strings.Contains(problem, "not right") {
		t.Errorf("beside a wrong code it says %q", problem)
	}
	ann.Shot("02-set-up-refused")
	secret, codes := enrolled(t, ann, c)
	ann.Fits().Shot("03-backup-codes")
	ann.Press("Continue").Says("Outstanding")
	used := c.code(t, secret)

	// A code that was used is refused; the next one signs in.
	signOut(ann)
	give(ann, s, "ann@lovelace.test").Says("Enter your code").Fits().Shot("04-code")
	ann.Type("Six digits", used).Press("Sign in")
	if problem := ann.Problem("Six digits"); !strings.Contains(problem, "used before") {
		t.Errorf("beside a code replayed it says %q", problem)
	}
	ann.Shot("05-code-replayed")
	c.pass(30 * time.Second)
	ann.Type("Six digits", c.code(t, secret)).Press("Sign in").Says("Outstanding")

	// A backup code signs in once.
	signOut(ann)
	give(ann, s, "ann@lovelace.test").Says("Enter your code").Press("Use a backup code").Says("Each works once").Fits().Shot("06-backup-code")
	ann.Type("Backup code", codes[2]).Press("Sign in").Says("You signed in with a backup code", "4 left").Fits().Shot("07-account")
	signOut(ann)
	give(ann, s, "ann@lovelace.test").Press("Use a backup code").Type("Backup code", codes[2]).Press("Sign in")
	if problem := ann.Problem("Backup code"); !strings.Contains(problem, "used before") {
		t.Errorf("beside a backup code used twice it says %q", problem)
	}

	// Ten wrong codes lock, and the right one doesn't help; an hour later it does.
	ann.Press("Use my authenticator").Says("Enter your code")
	for range 9 {
		ann.Mark()
		ann.Type("Six digits", "000000").Press("Sign in").Says("not right")
		s.Eventually("the page to come back", func() bool { return !ann.Marked() })
	}
	c.pass(30 * time.Second)
	ann.Type("Six digits", c.code(t, secret)).Press("Sign in").Says("Too many wrong codes", "quarter of an hour").Fits().Shot("08-locked")
	if _, err := owner.Exec(t.Context(), `UPDATE throttles SET window_start = window_start - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	ann.Type("Six digits", c.code(t, secret)).Press("Sign in").Says("Outstanding")
	grace.Press("Activity").Says("Too many wrong codes were tried for Ann Lovelace", "Ann Lovelace signed in with a backup code")

	// New backup codes take the place of the old ones.
	ann.Open(s.URL + "/bright/account").Press("New backup codes").Says("the 4 that you have stop working").Fits().Shot("09-new-backup-codes")
	c.pass(30 * time.Second)
	ann.Type("A code from your authenticator", c.code(t, secret)).Press("Make new codes").Says("Your new backup codes").Fits().Shot("10-made")
	if fresh := ann.Texts("#codes li"); len(fresh) != 5 || fresh[0] == codes[0] {
		t.Errorf("new backup codes: %v", fresh)
	}
	ann.Press("Continue").Says("5 left")

	// Staff reset it: she is signed out at once, is told, and sets it up anew.
	grace.Press("Customers").Says("Lovelace Ltd").Press("Lovelace Ltd").Says("MFA on").Shot("11-customer")
	grace.Press("Actions for Ann Lovelace").Says("Reset MFA").Shot("12-menu").Press("Reset MFA").Says("Be sure that it is Ann Lovelace").Fits().Shot("13-reset")
	grace.Press("Reset MFA").Says("The MFA is reset").Lacks("MFA on").Shot("14-reset-done")
	ann.Open(s.URL+"/bright/invoices").Says("Sign in", "Forgotten password")
	told, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "was reset")
	if err != nil || !strings.Contains(told.Text, "If you didn't ask for this") {
		t.Errorf("the email about it: %v %s", err, told.Text)
	}
	give(ann, s, "ann@lovelace.test")
	again, _ := enrolled(t, ann, c)
	if again == secret {
		t.Error("the reset gave the same secret again")
	}
	ann.Press("Continue").Says("Outstanding")

	// Switched off: she still needs her code, and Ben needs none.
	grace.Press("Portal settings").Untick("Ask every contact for an authenticator code").Press("Save").Says("Your changes are saved")
	signOut(ann)
	c.pass(30 * time.Second)
	give(ann, s, "ann@lovelace.test").Says("Enter your code").Type("Six digits", c.code(t, again)).Press("Sign in").Says("Outstanding")
	give(chromium.Visitor(browser.Options{}), s, "ben@lovelace.test").Says("Outstanding")

	// The reset alone releases her.
	grace.Press("Customers").Says("Lovelace Ltd").Press("Lovelace Ltd").Press("Actions for Ann Lovelace").Press("Reset MFA").Says("Be sure").Press("Reset MFA").Says("The MFA is reset")
	give(ann, s, "ann@lovelace.test").Says("Outstanding")
}

// R55 R58: a forgotten password, from the sign-in page to the email that says that it was changed, while the mail provider
// takes the email without saying so and the worker comes late; each email is there once, and its link is stored nowhere.
func TestJourneyOfAForgottenPassword(t *testing.T) {
	chromium := browser.Start(t)
	s := stack.New(t, stack.Options{Pages: true})
	org := s.Seed("bright", "USD")
	s.StopWorker()
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultTimeoutAfter, Count: 1, To: "ann@lovelace.test"}); err != nil {
		t.Fatal(err)
	}
	elsewhere := give(chromium.Visitor(browser.Options{}), s, "ann@lovelace.test").Says("Outstanding")
	ann := chromium.Visitor(browser.Options{}).Open(s.URL + "/bright/sign-in")
	ann.Press("Forgotten password").Says("We email you a link").Fits().Shot("01-forgotten")
	ann.Type("Email address", "nobody@lovelace.test").Press("Email me a link").Says("If that address can sign in here").Fits().Shot("02-sent")
	ann.Press("Try another address").Type("Email address", "ann@lovelace.test").Press("Email me a link").Says("If that address can sign in here")
	s.StartWorker()
	email, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "Choose a new password")
	if err != nil {
		t.Fatal(err)
	}
	link := email.Link("Choose a new password")
	token := link[strings.LastIndex(link, "/")+1:]
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	flow := func(template string) (id string) {
		s.Eventually("the flow to close "+template, func() bool {
			err := owner.QueryRow(t.Context(), `SELECT id::text FROM account_emails WHERE org_id = $1 AND template = $2 AND NOT flow_open`, org.ID, template).Scan(&id)
			return err == nil
		})
		return workflows.AccountEmailID(uuid.MustParse(id))
	}
	reset := flow("password_reset")
	acts.Completed(t, s, reset)
	acts.KeepHistory(t, s, reset, "account-email")
	events := s.Temporal.GetWorkflowHistory(t.Context(), reset, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(event.String(), token) {
			t.Errorf("the flow's history holds the link: %s", event)
		}
	}
	var stored int
	if err := owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM deliveries WHERE (text_body || html_body || subject) LIKE '%' || $1 || '%') + (SELECT count(*) FROM events WHERE data::text LIKE '%' || $1 || '%')`, token).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("the link is stored %d times: %v", stored, err)
	}

	// The link can be looked at, and is spent by the form alone.
	ann.Open(link).Says("Choose a new password", "This link works once").Fits().Shot("03-choose")
	ann.Open(link).Type("New password", "too short").Type("Repeat the password", "too short").Press("Save the password")
	if problem := ann.Problem("New password"); !strings.Contains(problem, "12 characters") {
		t.Errorf("beside the password it says %q", problem)
	}
	ann.Type("New password", evesPassword).Type("Repeat the password", evesPassword).Press("Save the password").Says("Your password is changed", "Sign in with it now").Shot("04-changed")
	elsewhere.Open(s.URL+"/bright/invoices").Says("Sign in", "Forgotten password")
	ann.Type("Email address", "ann@lovelace.test").Type("Password", evesPassword).Press("Sign in").Says("Outstanding")
	chromium.Visitor(browser.Options{}).Open(link).Says("This link can’t be used any more", "used already").Fits().Shot("05-spent")
	if _, err := s.Inbox.WaitFor(t.Context(), "ann@lovelace.test", "was changed"); err != nil {
		t.Fatal(err)
	}
	acts.Completed(t, s, flow("password_changed"))
	all, err := s.Inbox.List(t.Context(), "ann@lovelace.test")
	if err != nil || len(all) != 2 {
		t.Errorf("%d emails, not two: %v", len(all), err)
	}
	if none, err := s.Inbox.List(t.Context(), "nobody@lovelace.test"); err != nil || len(none) != 0 {
		t.Errorf("%d emails to an address without an account: %v", len(none), err)
	}
	var sent int
	if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM deliveries WHERE org_id = $1 AND subject_kind = 'account' AND status IN ('sent', 'delivered')`, org.ID).Scan(&sent); err != nil || sent != 2 {
		t.Errorf("%d deliveries were sent, not two: %v", sent, err)
	}
}
