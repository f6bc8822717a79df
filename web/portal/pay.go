package portal

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// choice is a payment that is being put together: what may be paid, what is chosen, and what that comes to.
type choice struct {
	groups  []api.PayableGroup
	group   api.PayableGroup
	more    bool
	methods []api.PaymentMethod
	form    *web.Form
	key     string
	notice  *ui.Notice

	chosen []api.PayableInvoice
	// parts are what is paid on each of the chosen; total is their sum, and owed what all of them owe.
	parts map[uuid.UUID]int64
	total portal.Money
	owed  portal.Money
	// credit is what of it credit pays, and total what is left to charge.
	credit portal.Money
	// problem says why this can't be paid as it is.
	problem string
}

// pay draws what can be paid. Everything is chosen, except for ?invoice=, which chooses that one.
func (p pages) pay(r *web.Request) error {
	if err := r.Who.May(portal.ActionPay); err != nil {
		return err
	}
	c, err := p.payable(r, r.Query("currency"), r.Query("invoice"))
	if err != nil {
		return err
	}
	wanted := r.Query("invoice")
	var all []string
	for _, i := range c.group.Invoices {
		if wanted == i.ID.String() || wanted == "" && i.Payable && !held(i.PayingNow) {
			all = append(all, i.ID.String())
		}
	}
	c.form = web.NewForm()
	if c.group.Credit.Amount > 0 {
		c.form.Set("credit", "on")
	}
	c.form.Set("invoice", all...)
	if err := c.addUp(r); err != nil {
		return err
	}
	return r.Draw(http.StatusOK, payPage(r, c))
}

// payable reads what can be paid, and turns to the group of that currency, or the one that the invoice is in, or the first.
func (p pages) payable(r *web.Request, currency, invoice string) (*choice, error) {
	out, err := p.PayableInvoices.Do(r.Context(), &api.PayableInvoicesInput{Org: r.Org.Slug})
	if err != nil {
		return nil, err
	}
	saved, err := p.ListMyMethods.Do(r.Context(), &api.ListMyMethodsInput{Org: r.Org.Slug})
	if err != nil {
		return nil, err
	}
	c := &choice{groups: out.Body.Groups, more: out.Body.More, methods: saved.Body.Methods, key: web.NewKey()}
	if len(c.groups) == 0 {
		return c, nil
	}
	at := slices.IndexFunc(c.groups, func(g api.PayableGroup) bool {
		return invoice != "" && slices.ContainsFunc(g.Invoices, func(i api.PayableInvoice) bool { return i.ID.String() == invoice }) ||
			invoice == "" && string(g.Currency) == currency
	})
	c.group = c.groups[max(at, 0)]
	return c, nil
}

// postPay begins the payment and leads to its page. Whatever stands against it, the choice is drawn again as it was made.
func (p pages) postPay(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	c, err := p.payable(r, f.Value("currency"), "")
	if err != nil {
		return err
	}
	c.form = f
	way := f.Value("way")
	if err := c.addUp(r); err != nil {
		return err
	}
	if f.Value("way") != way && f.Intent() != "preview" && c.total.Amount > 0 {
		f.Errors = append(f.Errors, ui.FieldError{Field: "way", Message: "Choose how to pay: what was chosen isn’t offered for these invoices."})
	}
	if f.Intent() == "preview" {
		return r.Draw(http.StatusOK, payPage(r, c))
	}
	if len(f.Errors) > 0 {
		return r.Draw(http.StatusUnprocessableEntity, payPage(r, c))
	}
	// Nobody is charged an amount that they haven't seen.
	if seen := f.Value("seen"); seen != c.total.Decimal() {
		c.notice = &ui.Notice{Tone: ui.Info, Title: "Please check the total", Words: "What you chose comes to " + r.Money(c.total) + ". Press Pay again if that is right."}
		return r.Draw(http.StatusConflict, payPage(r, c))
	}
	out, err := p.Pay.Do(r.Context(), c.request(r))
	if err != nil {
		return p.refusedPay(r, c, err)
	}
	if out.Body.Status == "credited" {
		return r.Redirect(r.Path("invoices") + "?done=credited")
	}
	to := r.Path("payments", out.Body.ID.String())
	switch {
	case out.Body.Resumed && !c.isPayment(p, r, out.Body.ID):
		to += "?resumed=1" // it is for something else than what was chosen, so it isn't gone on with unasked
	case out.Status == http.StatusAccepted:
		to += "?go=1&begun=1"
	default:
		to += "?go=1"
	}
	return r.Redirect(to)
}

// isPayment reports whether an unfinished payment of one's own is for just what is chosen.
func (c *choice) isPayment(p pages, r *web.Request, id uuid.UUID) bool {
	out, err := p.GetMyPayment.Do(r.Context(), &api.PaymentInput{Org: r.Org.Slug, Payment: id})
	return err == nil && out.Body.Amount == c.total && len(out.Body.Invoices) == len(c.request(r).Body.Invoices)
}

// request is the choice as the operation takes it.
func (c *choice) request(r *web.Request) *api.PayInput {
	in := &api.PayInput{Org: r.Org.Slug, Key: c.form.APIKey()}
	for _, i := range c.chosen {
		if part := c.parts[i.ID]; part > 0 {
			in.Body.Invoices = append(in.Body.Invoices, api.PayInvoice{ID: i.ID, Amount: part})
		}
	}
	in.Body.Way, in.Body.Credit, in.Body.Expected = "checkout", c.credit.Amount > 0, &c.total.Amount
	if c.form.Value("way") == "bank" {
		in.Body.Kind = "bank_debit"
	}
	if method, err := uuid.Parse(c.form.Value("way")); err == nil {
		in.Body.Way, in.Body.Method = "saved", &method
	}
	in.Body.OnSchedule = in.Body.Way == "saved" && c.form.Checked("on_schedule")
	in.Body.Save = in.Body.Way == "checkout" && c.form.Checked("save")
	in.Body.TakeOver = c.form.Checked("take_over")
	return in
}

// refusedPay draws the choice again with what stood against it, from what is true now.
func (p pages) refusedPay(r *web.Request, c *choice, err error) error {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated || refused.Code == portal.CodeForbidden {
		return err
	}
	now, gone := p.payable(r, c.form.Value("currency"), "")
	if gone != nil {
		return gone
	}
	now.form = c.form
	if gone := now.addUp(r); gone != nil {
		return gone
	}
	switch refused.Code {
	case portal.CodeNotConfirmed:
		now.key = c.form.Key() // the same again is safe, and tells
		now.notice = &ui.Notice{Tone: ui.Warning, Title: "Your payment is not confirmed yet", Words: "It may have been started. Press Pay again: nothing is ever charged twice."}
	case portal.CodeConflict:
		now.notice = &ui.Notice{Tone: ui.Warning, Title: "Nothing was charged", Words: refused.Message}
	default:
		now.notice = &ui.Notice{Tone: ui.Failure, Title: "This payment could not be started", Words: payWords(refused)}
	}
	return r.Draw(api.StatusOf(err), payPage(r, now))
}

// payWords joins what an operation refused; its fields have no place of their own on this page.
func payWords(refused *portal.Error) string {
	words := []string{refused.Message}
	for _, f := range refused.Fields {
		if !slices.Contains(words, f.Message) {
			words = append(words, f.Message)
		}
	}
	return strings.Join(words, " ")
}

// addUp finds what is chosen and what it comes to. An amount that was typed settles the oldest of them first.
func (c *choice) addUp(r *web.Request) (err error) {
	currency := c.group.Currency
	if currency == "" {
		currency = r.Org.Currency
	}
	c.total, c.owed, c.parts = portal.NewMoney(0, currency), portal.NewMoney(0, currency), map[uuid.UUID]int64{}
	var owed []portal.Owed
	now := int64(0)
	for _, i := range c.group.Invoices {
		if !i.Payable || !slices.Contains(c.form.Values("invoice"), i.ID.String()) {
			continue
		}
		c.chosen = append(c.chosen, i)
		owed = append(owed, portal.Owed{ID: i.ID.String(), Due: i.Due.Amount, DueDate: i.DueDate, Number: i.Number})
		c.parts[i.ID] = i.Next.Amount
		if c.form.Checked("whole") {
			c.parts[i.ID] = i.Due.Amount
		}
		now += c.parts[i.ID]
		if c.owed, err = c.owed.Add(i.Due); err != nil {
			return err
		}
	}
	c.total = portal.NewMoney(now, currency)
	if typed := strings.TrimSpace(c.form.Value("amount")); typed != "" {
		if err := c.spread(r, typed, owed); err != nil {
			c.form.Errors = append(c.form.Errors, ui.FieldError{Field: "amount", Message: err.Error()})
		}
	}
	c.credit = portal.NewMoney(0, currency)
	if c.form.Checked("credit") {
		c.total, c.credit.Amount = portal.AfterCredit(c.total, c.group.Credit.Amount)
	}
	switch {
	case c.credit.Amount > 0 && c.total.Amount == 0:
	case len(c.chosen) == 0:
		c.problem = "Choose at least one invoice."
	case len(ways(c)) == 0:
		c.problem = "These invoices can’t be paid online together."
	default:
		if err := portal.Chargeable(c.total); err != nil {
			c.problem = err.Error()
		}
	}
	c.chooseWay()
	return nil
}

// spread pays a typed amount on the chosen invoices, oldest first.
func (c *choice) spread(r *web.Request, typed string, owed []portal.Owed) error {
	amount, err := portal.ParseMoney(typed, c.owed.Currency)
	if err != nil {
		return err
	}
	parts, excess, err := portal.AllocateOldestFirst(amount.Amount, owed)
	if err != nil {
		return err
	}
	if excess > 0 {
		return portal.Invalid("This is more than the " + r.Money(c.owed) + " that you chose to pay.")
	}
	c.total, c.parts = amount, map[uuid.UUID]int64{}
	for _, part := range parts {
		if id, err := uuid.Parse(part.InvoiceID); err == nil {
			c.parts[id] = part.Amount
		}
	}
	for _, i := range c.chosen {
		if part := c.parts[i.ID]; part > 0 {
			if err := portal.Leaves(i.Due, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// ways are the ways to pay online that all chosen invoices have in common, R31.
func ways(c *choice) []string {
	common := []string{"card", "bank_debit"}
	for _, i := range c.chosen {
		common = slices.DeleteFunc(common, func(way string) bool { return !slices.Contains(i.Ways, way) })
	}
	return common
}

// chooseWay keeps the way to pay that is chosen, if the chosen invoices offer it; else it takes the first that they
// do, which is a saved one that hasn't expired where there is one.
func (c *choice) chooseWay() {
	way, expired := "", false
	for _, o := range wayOptions(c) {
		if o.Disabled {
			continue
		}
		if o.Value == c.form.Value("way") {
			return
		}
		if late := c.expired(o.Value); way == "" || expired && !late {
			way, expired = o.Value, late
		}
	}
	c.form.Set("way", way)
}

// expired reports whether a way to pay is a saved card that has expired.
func (c *choice) expired(way string) bool {
	return slices.ContainsFunc(c.methods, func(m api.PaymentMethod) bool { return m.Expired && m.ID.String() == way })
}

// wayOptions are the ways to pay, those that the chosen invoices don't offer disabled, with the reason.
func wayOptions(c *choice) []ui.Option {
	offered := ways(c)
	var options []ui.Option
	for _, m := range c.methods {
		o := ui.Option{Value: m.ID.String(), Label: web.Method(m), Icon: web.MethodIcon(m), Aside: expiry(m), Hint: against(c, m.Kind)}
		if m.Kind == "bank_debit" && o.Hint == "" {
			o.Hint = "Takes a few working days to settle"
		}
		o.Disabled = !slices.Contains(offered, m.Kind)
		options = append(options, o)
	}
	other := ui.Option{Value: "checkout", Label: "Another card", Icon: ui.IconPlus, Hint: "You enter it on our payment processor’s own page."}
	if len(c.methods) == 0 {
		other.Label, other.Icon = "Card", ui.IconCard
	}
	if !slices.Contains(offered, "card") {
		other.Disabled, other.Hint = true, against(c, "card")
	}
	options = append(options, other)
	if slices.ContainsFunc(c.group.Invoices, func(i api.PayableInvoice) bool { return slices.Contains(i.Ways, "bank_debit") }) {
		bank := ui.Option{Value: "bank", Label: "Bank account", Icon: ui.IconBank, Hint: cmp.Or(against(c, "bank_debit"), "Takes a few working days to settle. You enter it on our payment processor’s own page.")}
		if slices.ContainsFunc(c.methods, func(m api.PaymentMethod) bool { return m.Kind == "bank_debit" }) {
			bank.Label = "Another bank account"
		}
		bank.Disabled = !slices.Contains(offered, "bank_debit")
		options = append(options, bank)
	}
	return options
}

// against says which of the chosen invoices can't be paid that way.
func against(c *choice, way string) string {
	var numbers []string
	for _, i := range c.chosen {
		if !slices.Contains(i.Ways, way) {
			numbers = append(numbers, i.Number)
		}
	}
	switch {
	case len(numbers) == 0:
		return ""
	case len(numbers) == len(c.chosen):
		return "Not offered for what you chose"
	case len(numbers) > 3:
		return "Not offered for " + strings.Join(numbers[:3], ", ") + " and " + web.Plural(len(numbers)-3, "other", "others") + ": leave them out to pay this way"
	default:
		return "Not offered for " + strings.Join(numbers, ", ") + ": leave it out to pay this way"
	}
}

func expiry(m api.PaymentMethod) string {
	if m.ExpMonth == 0 {
		return ""
	}
	if m.Expired {
		return "Expired " + web.Expiry(m)
	}
	return "Expires " + web.Expiry(m)
}

// inTheWay are the unfinished payments that stand in the way of what is chosen.
func inTheWay(c *choice) []*api.PayingNow {
	var found []*api.PayingNow
	for _, i := range c.chosen {
		if held(i.PayingNow) && !slices.ContainsFunc(found, func(n *api.PayingNow) bool { return n.Payment == i.PayingNow.Payment }) {
			found = append(found, i.PayingNow)
		}
	}
	return found
}

// held reports whether an unfinished payment has to be given up first. A declined one gives way by itself.
func held(now *api.PayingNow) bool { return now != nil && now.Status != portal.PaymentDeclined }

// obstacle says what an unfinished payment means for what is chosen, N3.
func obstacle(r *web.Request, now *api.PayingNow) ui.Notice {
	n := ui.Notice{
		Tone: ui.Warning, Title: now.Name + " is paying some of these right now", Words: "Since " + web.LowerToday(r.Moment(now.Since).Shown) + ".",
		Action: &ui.Action{Label: "See that payment", Href: r.Path("payments", now.Payment.String()), Size: ui.Small},
	}
	if now.Mine {
		n.Tone, n.Title, n.Words = ui.Info, "You began to pay some of these", "Since "+web.LowerToday(r.Moment(now.Since).Shown)+", and your payment isn’t finished."
		n.Action.Label = "Go on with that payment"
	}
	return n
}

// takeOver asks to give up what is in the way.
func takeOver(c *choice) ui.Choice {
	choice := ui.Choice{
		Name: "take_over", Label: "Take over", Checked: c.form.Checked("take_over"),
		Hint: "Their unfinished payment is given up. If it turns out to be paid already, you are not charged.",
	}
	if !slices.ContainsFunc(inTheWay(c), func(n *api.PayingNow) bool { return !n.Mine }) {
		choice.Label, choice.Hint = "Give it up and start anew", "If it turns out to be paid already, you are not charged again."
	}
	return choice
}

func payTable(r *web.Request, c *choice) ui.Table {
	t := ui.Table{Caption: "Invoices to pay", Columns: []ui.Column{
		{Label: "Choose", Place: ui.PickAt, Header: ui.PickAll("invoice", "All invoices")}, {Label: "Invoice", Place: ui.Lead}, {Label: "Due"},
		{Label: "Status", Place: ui.MarkAt}, {Label: "Left to pay", Numeric: true, Place: ui.FigureAt},
	}}
	for _, i := range c.group.Invoices {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Pick(ui.Choice{
				Name: "invoice", Value: i.ID.String(), Suffix: i.Number, Label: "Pay " + i.Number, Disabled: !i.Payable,
				Checked: i.Payable && slices.Contains(c.form.Values("invoice"), i.ID.String()),
			}),
			ui.Titled(i.Number, about(r, i)), ui.Text(r.Date(i.DueDate)), ui.Chip(invoiceChip(i.InvoiceSummary)), ui.Amount(r.Amount(i.Due)),
		}})
	}
	return t
}

// inParts reports whether less than all of it is to be paid next of any invoice.
func inParts(c *choice) bool {
	return slices.ContainsFunc(c.group.Invoices, func(i api.PayableInvoice) bool { return i.Payable && i.Next.Amount < i.Due.Amount })
}

// about is an invoice's title with what is next of its plan, or who is paying it.
func about(r *web.Request, i api.PayableInvoice) string {
	now := i.PayingNow
	if i.Plan != nil && (now == nil || now.Status == portal.PaymentDeclined) {
		return i.Title + " · paid in parts, next " + r.Money(i.Next)
	}
	switch {
	case now == nil, now.Status == portal.PaymentDeclined:
		return i.Title
	case now.InFlight():
		return "Being paid, started by " + now.Name
	case now.Mine:
		return i.Title + " · you began to pay this"
	default:
		return now.Name + " is paying this right now"
	}
}

func payTabs(r *web.Request, c *choice) []ui.Tab {
	var tabs []ui.Tab
	for _, g := range c.groups {
		tabs = append(tabs, ui.Tab{
			Label: string(g.Currency), Href: r.Path("pay") + "?currency=" + string(g.Currency), Count: r.Money(g.Total), Current: g.Currency == c.group.Currency,
		})
	}
	return tabs
}

func payShell(r *web.Request, c *choice) ui.PortalShell {
	s := shell(r, "Pay invoices", "Invoices")
	s.Head.Refused = len(c.form.Errors) > 0
	s.Flash = c.notice
	return s
}

func paySums(r *web.Request, c *choice) []ui.Sum {
	sums := []ui.Sum{{Label: web.Plural(len(c.chosen), "invoice", "invoices"), Value: r.Money(c.owed)}}
	if left := c.owed.Amount - c.total.Amount - c.credit.Amount; left > 0 {
		sums = append(sums, ui.Sum{Label: "Left for later", Value: r.Money(portal.NewMoney(left, c.owed.Currency))})
	}
	if c.credit.Amount > 0 {
		sums = append(sums, ui.Sum{Label: "From your credit", Value: r.Money(portal.NewMoney(-c.credit.Amount, c.credit.Currency))})
	}
	return append(sums, ui.Sum{Label: "To pay now", Value: r.Money(c.total), Grand: true})
}

// useCredit asks whether credit is used first.
func useCredit(r *web.Request, c *choice) ui.Choice {
	return ui.Choice{Name: "credit", Label: "Use your credit of " + r.Money(c.group.Credit) + " first", Hint: "What is left of it stays yours.", Checked: c.form.Checked("credit")}
}

// payLabel is what the button that pays says.
func payLabel(r *web.Request, c *choice) string {
	if c.total.Amount == 0 && c.credit.Amount > 0 {
		return "Pay " + r.Money(c.credit) + " from credit"
	}
	return "Pay " + r.Money(c.total)
}
