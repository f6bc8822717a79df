package e2e

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"countersign/api"
	"countersign/devstack/inbox"
	"countersign/devstack/stack"
)

// wording is the save of an email's own words.
func wording(version int, subject, body string) map[string]any {
	return map[string]any{"version": version, "subject": subject, "body": body}
}

// R13 R14: the invitation is sent in the organization's own words; words that
// are changed while an email waits to be sent leave it as it was.
func TestInvitationIsSentInStaffsWords(t *testing.T) {
	s := stack.New(t, stack.Options{})
	org := s.Seed("bright", "USD")
	grace, template := org.Staff(), "/api/bright/console/email-templates/invitation"
	invite := func(contact uuid.UUID) {
		grace.Must(200, "POST", "/api/bright/console/customers/"+org.Customer.String()+"/access", "",
			map[string]any{"contacts": []map[string]any{{"id": contact, "access": true}}}, nil)
	}
	var saved api.EmailTemplate
	grace.Must(200, "PUT", template, "", wording(0, "Come in, {{contact_name}}", "The door is open until {{expires_on}}.\n\n[Step inside]({{accept_link}})\n\n<b>{{organization_name}}</b>"), &saved)

	invite(org.Contact("Cleo Marsh", "cleo@lovelace.test"))
	got, err := s.Inbox.WaitFor(t.Context(), "cleo@lovelace.test", "Come in, Cleo Marsh")
	if err != nil {
		t.Fatal(err)
	}
	link := got.Link("Step inside")
	if !strings.HasPrefix(link, s.URL+"/bright/invitations/") || !strings.Contains(got.Text, link) {
		t.Errorf("the link is %q: %s", link, got.Text)
	}
	if !strings.Contains(got.HTML, "&lt;b&gt;Bright bright&lt;/b&gt;") || !strings.Contains(got.Text, "<b>Bright bright</b>") {
		t.Errorf("the words are not as they were written: %s", got.Text)
	}

	// The second one can't be sent yet. Its words are settled all the same.
	if err := s.Inbox.Fail(t.Context(), inbox.Fault{Kind: inbox.FaultError, Count: 1000, To: "dora@lovelace.test"}); err != nil {
		t.Fatal(err)
	}
	invite(org.Contact("Dora Lind", "dora@lovelace.test"))
	s.Eventually("the email to be frozen", func() bool { return frozenTo(t, s, "dora@lovelace.test") == 1 })
	grace.Must(200, "PUT", template, "", wording(saved.Version, "Changed", "Changed.\n\n[Go]({{accept_link}})"), &saved)
	if err := s.Inbox.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Inbox.WaitFor(t.Context(), "dora@lovelace.test", ""); err != nil {
		t.Fatal(err)
	}
	if got.Subject != "Come in, Dora Lind" || got.Link("Step inside") == "" {
		t.Errorf("the frozen email was sent as %q: %s", got.Subject, got.Text)
	}

	grace.Must(200, "POST", template+"/reset", "", map[string]any{"version": saved.Version}, nil)
	invite(org.Contact("Egon Frost", "egon@lovelace.test"))
	if _, err := s.Inbox.WaitFor(t.Context(), "egon@lovelace.test", "invites you to its customer portal"); err != nil {
		t.Error(err)
	}
}

// frozenTo counts the emails to an address that wait to be sent.
func frozenTo(t *testing.T, s *stack.Stack, address string) (n int) {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM deliveries WHERE recipient = $1 AND status = 'queued'`, address).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
