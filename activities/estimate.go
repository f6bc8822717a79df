package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"countersign/db"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// EstimateRef names one version of an estimate.
type EstimateRef struct {
	Org      uuid.UUID `json:"org"`
	Estimate uuid.UUID `json:"estimate"`
	Version  int       `json:"version"`
}

// BeginEstimateInput sends a version. A nil By reads what is stored, for a flow
// that was started again.
type BeginEstimateInput struct {
	EstimateRef
	By *Actor `json:"by,omitempty"`
}

// EstimateState is where a version stands.
type EstimateState struct {
	Begun
	Customer  uuid.UUID `json:"customer"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Live reports whether the customer's decision is awaited.
func (s EstimateState) Live() bool { return s.Status == string(portal.EstimateSent) }

// BeginEstimate freezes the draft version and sends it: from now on the
// customer sees it, and the version before it, if one was open, is superseded.
func (a *Activities) BeginEstimate(ctx context.Context, in BeginEstimateInput) (EstimateState, error) {
	var state EstimateState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		estimate, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: in.Org, ID: in.Estimate})
		if db.NotFound(err) {
			return portal.NotFound("estimate")
		}
		if err != nil {
			return err
		}
		draft := in.By != nil && estimate.DraftVersion != nil && int(*estimate.DraftVersion) == in.Version
		if draft {
			if err := a.sendEstimate(ctx, q, estimate, in); err != nil {
				return err
			}
		}
		state, err = readEstimate(ctx, q, in.EstimateRef)
		if err == nil && state.Status == string(portal.EstimateDraft) {
			return portal.Conflict("Version %d of this estimate was not sent.", in.Version)
		}
		return err
	})
	if refused := Refusal(err); refused != nil {
		return EstimateState{Begun: Begun{Refused: refused}}, nil
	}
	return state, boundary(err)
}

func (a *Activities) sendEstimate(ctx context.Context, q *dbsqlc.Queries, estimate dbsqlc.Estimate, in BeginEstimateInput) error {
	if !estimate.Status.CanMove(portal.EstimateSent) {
		return portal.Conflict("This estimate was %s; it can't be sent again.", estimate.Status)
	}
	version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version)})
	if err != nil {
		return err
	}
	lines, err := q.ListEstimateLines(ctx, dbsqlc.ListEstimateLinesParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version)})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return portal.Invalid("An estimate needs at least one line before it is sent.", portal.Field("lines", "Add a line."))
	}
	org, err := q.GetOrganization(ctx, in.Org)
	if err != nil {
		return err
	}
	now := a.now()
	expires := version.ValidUntil.EndOfDay(zoneOf(org))
	if !expires.After(now) {
		return portal.Invalid("The estimate's valid-until day has passed.", portal.Field("valid_until", "Choose today or a later day."))
	}
	if version.DepositPercent.IsPositive() {
		customer, err := q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: estimate.CustomerID})
		if err != nil {
			return err
		}
		day := portal.DateOf(now, zoneOf(org))
		if _, err := depositPlan(version, customer, day).Split(portal.NewMoney(version.Total, estimate.Currency), day); err != nil {
			return portal.Invalid("No deposit can be asked for.", portal.Field("deposit_percent", "The total can't be split like this: leave the deposit out, or change it."))
		}
	}
	hash, err := ContentHash(estimate, version, lines)
	if err != nil {
		return err
	}
	if _, err := q.SupersedeEstimateVersions(ctx, dbsqlc.SupersedeEstimateVersionsParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version), At: &now}); err != nil {
		return err
	}
	if _, err := q.SendEstimateVersion(ctx, dbsqlc.SendEstimateVersionParams{
		OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version), ContentHash: hash, At: &now, SentBy: optional(in.By.ID), ExpiresAt: &expires,
	}); err != nil {
		return err
	}
	n, err := q.SendEstimate(ctx, dbsqlc.SendEstimateParams{
		OrgID: in.Org, ID: in.Estimate, Version: int32(in.Version), Title: version.Title, Total: version.Total, ValidUntil: version.ValidUntil,
		At: &now, FromStatus: texts(portal.EstimateMachine().From(portal.EstimateSent)),
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return portal.Conflict("This estimate was changed by someone else. Read it again.")
	}
	return a.record(ctx, q, happened{
		org: in.Org, customer: estimate.CustomerID, kind: "estimate.sent", subject: "estimate", id: in.Estimate, by: *in.By, at: now,
		data: map[string]any{"number": estimate.Number, "version": in.Version, "total": version.Total, "currency": estimate.Currency},
	})
}

// ContentHash is SHA-256 over all that the customer decides on, in one written
// form that never changes: it is evidence.
func ContentHash(estimate dbsqlc.Estimate, version dbsqlc.EstimateVersion, lines []dbsqlc.EstimateLine) ([]byte, error) {
	type line struct {
		Description     string `json:"description"`
		Quantity        string `json:"quantity"`
		Unit            string `json:"unit"`
		UnitPrice       int64  `json:"unit_price"`
		DiscountPercent string `json:"discount_percent"`
		TaxPercent      string `json:"tax_percent"`
		Amount          int64  `json:"amount"`
	}
	content := struct {
		Number          string          `json:"number"`
		Version         int32           `json:"version"`
		Currency        portal.Currency `json:"currency"`
		Title           string          `json:"title"`
		Notes           string          `json:"notes"`
		Terms           string          `json:"terms"`
		ValidUntil      string          `json:"valid_until"`
		DiscountPercent string          `json:"discount_percent"`
		Total           int64           `json:"total"`
		Lines           []line          `json:"lines"`
		DepositPercent  string          `json:"deposit_percent,omitempty"`
	}{
		estimate.Number, version.Version, estimate.Currency, version.Title, version.Notes, version.Terms,
		version.ValidUntil.String(), version.DiscountPercent.String(), version.Total, nil, "",
	}
	if version.DepositPercent.IsPositive() {
		content.DepositPercent = version.DepositPercent.String() // one without is written as before there were any
	}
	for _, l := range lines {
		content.Lines = append(content.Lines, line{
			l.Description, l.Quantity.String(), l.Unit, l.UnitPrice, l.DiscountPercent.String(), l.TaxPercent.String(), l.Amount,
		})
	}
	return portal.RequestHash(content)
}

func readEstimate(ctx context.Context, q *dbsqlc.Queries, ref EstimateRef) (EstimateState, error) {
	version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: ref.Org, EstimateID: ref.Estimate, Version: int32(ref.Version)})
	if db.NotFound(err) {
		return EstimateState{}, portal.NotFound("estimate")
	}
	if err != nil {
		return EstimateState{}, err
	}
	estimate, err := q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: ref.Org, ID: ref.Estimate})
	state := EstimateState{Begun: Begun{Status: version.Status}, Customer: estimate.CustomerID}
	if version.ExpiresAt != nil {
		state.ExpiresAt = *version.ExpiresAt
	}
	return state, err
}

// ReadEstimate reads where a version stands.
func (a *Activities) ReadEstimate(ctx context.Context, ref EstimateRef) (EstimateState, error) {
	var state EstimateState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) (err error) {
		state, err = readEstimate(ctx, q, ref)
		return err
	})
	return state, boundary(err)
}

// SendEstimateInput is one round of emails about a version.
type SendEstimateInput struct {
	EstimateRef
	// Template is estimate_sent, estimate_reminder, estimate_accepted or estimate_declined.
	Template string `json:"template"`
}

// MailEstimate emails the customer's contacts about a version.
func (a *Activities) MailEstimate(ctx context.Context, in SendEstimateInput) error {
	var (
		estimate   dbsqlc.Estimate
		version    dbsqlc.EstimateVersion
		customer   dbsqlc.Customer
		org        dbsqlc.Organization
		recipients []dbsqlc.Contact
		decisions  []dbsqlc.Decision
	)
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) (err error) {
		if estimate, err = q.GetEstimate(ctx, dbsqlc.GetEstimateParams{OrgID: in.Org, ID: in.Estimate}); err != nil {
			return err
		}
		if version, err = q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version)}); err != nil {
			return err
		}
		if customer, err = q.GetCustomer(ctx, dbsqlc.GetCustomerParams{OrgID: in.Org, ID: estimate.CustomerID}); err != nil {
			return err
		}
		if org, err = q.GetOrganization(ctx, in.Org); err != nil {
			return err
		}
		if decisions, err = q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: in.Org, DocumentKind: "estimate", DocumentID: in.Estimate, Version: int32(in.Version)}); err != nil {
			return err
		}
		recipients, err = q.ListRecipients(ctx, dbsqlc.ListRecipientsParams{OrgID: in.Org, CustomerID: estimate.CustomerID})
		return err
	})
	if err != nil {
		return boundary(err)
	}
	values := a.estimateValues(org, customer, estimate, version.Total, version.ValidUntil)
	for _, d := range decisions {
		values["accepted_by"], values["declined_by"] = d.ContactName, d.ContactName
		values["accepted_on"], values["declined_on"] = dayIn(org, d.DecidedAt), dayIn(org, d.DecidedAt)
		values["decline_reason"] = d.Reason
	}
	for _, contact := range recipients {
		err := a.deliver(ctx, letter{
			org: org, customer: customer.ID, to: toContact(contact), template: in.Template, subject: "estimate", id: estimate.ID,
			send: in.Version, values: values,
		})
		if err != nil {
			return boundary(err)
		}
	}
	return nil
}

// estimateValues are what emails about an estimate say of the version that was sent.
func (a *Activities) estimateValues(org dbsqlc.Organization, customer dbsqlc.Customer, estimate dbsqlc.Estimate, total int64, valid portal.Date) map[string]string {
	return map[string]string{
		"customer_name":   customer.Name,
		"estimate_number": estimate.Number,
		"total":           portal.NewMoney(total, estimate.Currency).Format(org.Locale),
		"valid_until":     valid.Format(org.Locale),
		"estimate_link":   a.address(org, "estimates", estimate.ID),
	}
}

// DecideEstimateInput is a contact's decision on the version that was on screen.
type DecideEstimateInput struct {
	EstimateRef
	Decision portal.EstimateStatus `json:"decision"`
	Reason   string                `json:"reason,omitempty"`
	By       Actor                 `json:"by"`
	Origin   Origin                `json:"origin"`
}

// DecideEstimate records the decision with its evidence, if this version is
// the one that is open. A decision that stands already is answered again; another
// decision, or one on a version that was replaced, is refused, and nothing is
// recorded (N1, N2).
func (a *Activities) DecideEstimate(ctx context.Context, in DecideEstimateInput) (EstimateState, error) {
	var state EstimateState
	err := a.in(ctx, in.Org, func(q *dbsqlc.Queries) error {
		estimate, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: in.Org, ID: in.Estimate})
		if err != nil {
			return err
		}
		version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version)})
		if err != nil {
			return err
		}
		now := a.now()
		switch {
		case version.Status == string(in.Decision):
			decisions, err := q.GetDecision(ctx, dbsqlc.GetDecisionParams{OrgID: in.Org, DocumentKind: "estimate", DocumentID: in.Estimate, Version: int32(in.Version)})
			if err != nil {
				return err
			}
			if len(decisions) == 1 && decisions[0].ContactID != in.By.ID {
				return portal.Conflict("%s %s this estimate already.", decisions[0].ContactName, in.Decision)
			}
			state, err = readEstimate(ctx, q, in.EstimateRef)
			return err
		case version.Status == "superseded" || version.Status == string(portal.EstimateSent) && int(estimate.Version) != in.Version:
			return portal.Stale("estimate")
		case version.Status != string(portal.EstimateSent):
			return portal.Conflict("This estimate was already %s.", version.Status)
		case !version.ExpiresAt.After(now): // a sent version has one, says the schema
			return portal.Conflict("This estimate was valid until %s and has expired.", version.ValidUntil)
		}
		if _, err := q.EndEstimateVersion(ctx, dbsqlc.EndEstimateVersionParams{OrgID: in.Org, EstimateID: in.Estimate, Version: int32(in.Version), Status: string(in.Decision), At: &now}); err != nil {
			return err
		}
		n, err := q.EndEstimate(ctx, dbsqlc.EndEstimateParams{OrgID: in.Org, ID: in.Estimate, Version: int32(in.Version), Status: in.Decision, DecidedAt: &now, At: now})
		if err != nil {
			return err
		}
		if n == 0 {
			return portal.Stale("estimate")
		}
		if err := q.InsertDecision(ctx, dbsqlc.InsertDecisionParams{
			OrgID: in.Org, ID: a.NewID(), CustomerID: estimate.CustomerID, DocumentKind: "estimate", DocumentID: in.Estimate, Version: int32(in.Version),
			Decision: string(in.Decision), Reason: in.Reason, ContactID: in.By.ID, ContactName: in.By.Name, ContactEmail: in.By.Email,
			IP: in.Origin.IP, UserAgent: in.Origin.UserAgent, ContentHash: version.ContentHash, DecidedAt: now,
		}); err != nil {
			return err
		}
		data := map[string]any{"number": estimate.Number, "version": in.Version, "total": version.Total, "currency": estimate.Currency}
		if in.Reason != "" {
			data["reason"] = in.Reason
		}
		if err := a.record(ctx, q, happened{
			org: in.Org, customer: estimate.CustomerID, kind: "estimate." + string(in.Decision), subject: "estimate", id: in.Estimate,
			by: in.By, data: data, at: now,
		}); err != nil {
			return err
		}
		if in.Decision == portal.EstimateAccepted {
			if err := a.invoiceDeposit(ctx, q, estimate, version); err != nil {
				return err
			}
		}
		state = EstimateState{Begun: Begun{Status: string(in.Decision)}, Customer: estimate.CustomerID, ExpiresAt: *version.ExpiresAt}
		return nil
	})
	if db.NotFound(err) {
		err = portal.NotFound("estimate")
	}
	return state, boundary(err)
}

// ExpireEstimate ends a version whose last valid day is over and that nobody
// decided on. The state returned says what it came to.
func (a *Activities) ExpireEstimate(ctx context.Context, ref EstimateRef) (EstimateState, error) {
	var state EstimateState
	err := a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		estimate, err := q.LockEstimate(ctx, dbsqlc.LockEstimateParams{OrgID: ref.Org, ID: ref.Estimate})
		if err != nil {
			return err
		}
		now := a.now()
		version, err := q.GetEstimateVersion(ctx, dbsqlc.GetEstimateVersionParams{OrgID: ref.Org, EstimateID: ref.Estimate, Version: int32(ref.Version)})
		if err != nil {
			return err
		}
		if version.Status == string(portal.EstimateSent) && version.ExpiresAt != nil && !version.ExpiresAt.After(now) {
			if _, err := q.EndEstimateVersion(ctx, dbsqlc.EndEstimateVersionParams{OrgID: ref.Org, EstimateID: ref.Estimate, Version: int32(ref.Version), Status: "expired", At: &now}); err != nil {
				return err
			}
			if _, err := q.EndEstimate(ctx, dbsqlc.EndEstimateParams{OrgID: ref.Org, ID: ref.Estimate, Version: int32(ref.Version), Status: portal.EstimateExpired, At: now}); err != nil {
				return err
			}
			if err := a.record(ctx, q, happened{
				org: ref.Org, customer: estimate.CustomerID, kind: "estimate.expired", subject: "estimate", id: ref.Estimate,
				by: system(), data: map[string]any{"number": estimate.Number, "version": ref.Version}, at: now,
			}); err != nil {
				return err
			}
		}
		state, err = readEstimate(ctx, q, ref)
		return err
	})
	return state, boundary(err)
}

// CloseEstimate marks that the flow has nothing more to do.
func (a *Activities) CloseEstimate(ctx context.Context, ref EstimateRef) error {
	return boundary(a.in(ctx, ref.Org, func(q *dbsqlc.Queries) error {
		return q.CloseEstimateFlow(ctx, dbsqlc.CloseEstimateFlowParams{OrgID: ref.Org, EstimateID: ref.Estimate, Version: int32(ref.Version)})
	}))
}
