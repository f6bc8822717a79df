package portal

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// decided is what became of a decision that was refused: what to say above the estimate as it is now.
type decided struct {
	notice *ui.Notice
	form   *web.Form
	key    string
}

func (p pages) estimate(r *web.Request) error { return p.drawEstimate(r, http.StatusOK, nil) }

func (p pages) drawEstimate(r *web.Request, status int, comment *web.Form) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	return p.drawDecided(r, status, e, decided{form: web.NewForm(), key: web.NewKey()}, comment)
}

func (p pages) drawDecided(r *web.Request, status int, e api.Estimate, d decided, comment *web.Form) error {
	talk, err := r.Talk("estimate", e.ID, comment)
	if err != nil {
		return err
	}
	return r.Draw(status, estimatePage(r, e, d, talk))
}

func (p pages) readEstimate(r *web.Request) (api.Estimate, error) {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return api.Estimate{}, err
	}
	out, err := p.GetMyEstimate.Do(r.Context(), &api.EstimateInput{Org: r.Org.Slug, Estimate: id})
	if err != nil {
		return api.Estimate{}, err
	}
	return out.Body, nil
}

func (p pages) estimateLive(r *web.Request) error {
	e, err := p.readEstimate(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), e.ID)
	return nil
}

// postDecision accepts or declines the version that was on screen. When it is refused, the estimate is shown as it is now,
// and the page says that nothing was recorded.
func (p pages) postDecision(r *web.Request) error {
	id, err := r.ID("estimate", "estimate")
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	in := &api.DecideEstimateInput{Org: r.Org.Slug, Key: f.APIKey(), Estimate: id}
	out, err := web.Submit(r, f, p.DecideEstimate, in)
	if err == nil {
		return r.Redirect(r.Path("estimates", id.String()) + "?done=" + out.Body.Decision.Decision)
	}
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated {
		return err
	}
	e, gone := p.readEstimate(r)
	if gone != nil {
		return gone
	}
	d := decided{form: f, key: web.NewKey(), notice: refusedDecision(refused, f.Value("version"), e)}
	if refused.Code == portal.CodeNotConfirmed {
		d.key = f.Key() // the same again is safe, and tells
	}
	f.Refuse(err)
	return p.drawDecided(r, api.StatusOf(err), e, d, nil)
}

// refusedDecision says why a decision wasn't taken.
func refusedDecision(refused *portal.Error, read string, now api.Estimate) *ui.Notice {
	switch refused.Code {
	case portal.CodeStale:
		words := fmt.Sprintf("You read version %s. %s is shown below. Please read it before you decide.", read, versionWords(now.Version))
		if n, err := strconv.Atoi(read); err != nil || n == now.Version {
			words = "Please read it again below before you decide."
		}
		return &ui.Notice{Tone: ui.Warning, Title: "This estimate changed, and nothing was recorded", Words: words}
	case portal.CodeNotConfirmed:
		return &ui.Notice{Tone: ui.Warning, Title: "Your decision is not confirmed yet", Words: "It may have been recorded already. Press the same button again: it is never recorded twice."}
	case portal.CodeUnavailable:
		return &ui.Notice{Tone: ui.Failure, Title: "Your decision could not be recorded", Words: refused.Message}
	case portal.CodeInvalid:
		return nil // said beside the fields
	default:
		return &ui.Notice{Tone: ui.Warning, Title: "Nothing was recorded", Words: refused.Message}
	}
}

func versionWords(n int) string { return "Version " + strconv.Itoa(n) }

func estimateShell(r *web.Request, e api.Estimate, d decided) ui.PortalShell {
	s := shell(r, "Estimate "+e.Number, "Estimates")
	s.Head.Refused = d.notice != nil
	if d.notice != nil {
		s.Flash = d.notice
	}
	if s.Flash == nil && e.Decision != nil {
		switch r.Query("done") {
		case "accepted":
			s.Flash = &ui.Notice{Tone: ui.Success, Title: "You accepted this estimate", Words: r.Org.Name + " has been told. Your acceptance is recorded below."}
		case "declined":
			s.Flash = &ui.Notice{Tone: ui.Info, Title: "You declined this estimate", Words: r.Org.Name + " has been told, and may send you a new version."}
		}
	}
	return s
}

func open(e api.Estimate) bool { return e.Status == portal.EstimateSent }

func estimateSheet(r *web.Request, e api.Estimate) ui.Sheet {
	lines, taxed := r.Lines(e.Lines)
	number := e.Number
	if e.Version > 1 {
		number += ", version " + strconv.Itoa(e.Version)
	}
	from := []string{}
	for _, line := range []string{r.Org.Email, r.Org.Phone} {
		if line != "" {
			from = append(from, line)
		}
	}
	return ui.Sheet{
		Kind: "Estimate", Number: number, Status: chip(ui.EstimateStatus(string(e.Status))), Brand: r.Org.Brand(""), ToLabel: "For",
		From: ui.Party{Name: r.Org.Name, Address: strings.Join(from, "\n")}, To: ui.Party{Name: e.CustomerName},
		Facts: []ui.Fact{{Term: "About", Value: e.Title}, {Term: "Sent", Value: r.Day(e.SentAt)}, {Term: "Valid until", Value: r.Date(e.ValidUntil)}},
		Lines: lines, HasTax: taxed, Sums: web.WithDeposit(r, e, r.Sums(e.Totals, e.DiscountPercent)), Notes: e.Notes, Terms: e.Terms,
	}
}

// seal is the decision as it was recorded, N2.
func seal(r *web.Request, e api.Estimate) ui.Seal {
	d := e.Decision
	s := ui.Seal{Declined: d.Decision == "declined", Title: "Accepted by " + d.By, Reason: d.Reason}
	if s.Declined {
		s.Title = "Declined by " + d.By
	}
	s.Words = fmt.Sprintf("%s · version %d · %s", r.Instant(d.At), e.Version, r.Money(e.Total))
	return s
}

// evidence is what is kept of a decision, in full.
func evidence(r *web.Request, e api.Estimate) []ui.Fact {
	d := e.Decision
	facts := []ui.Fact{
		{Term: "Who", Value: d.By + "\n" + d.Email}, {Term: "When", Value: r.Instant(d.At)}, {Term: "Which version", Value: versionWords(e.Version)},
	}
	if d.IP != "" {
		facts = append(facts, ui.Fact{Term: "From", Value: d.IP})
	}
	if d.Reason != "" {
		facts = append(facts, ui.Fact{Term: "Reason", Value: d.Reason})
	}
	return append(facts, ui.Fact{Term: "Content", Show: fingerprint(d.ContentHash)})
}

// deadline says until when there is time to decide.
func deadline(r *web.Request, e api.Estimate) string {
	switch days := r.Today().DaysUntil(e.ValidUntil); {
	case days < 0:
		return "Valid until " + r.Date(e.ValidUntil)
	case days == 0:
		return "Decide today: it is valid until the end of the day"
	case days == 1:
		return "Decide by tomorrow, " + r.Date(e.ValidUntil)
	default:
		return fmt.Sprintf("Decide by %s, in %d days", r.Date(e.ValidUntil), days)
	}
}
