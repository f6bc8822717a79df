package portal

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
	"countersign/web/ui"
)

// wallet is what is saved, what else can be, and who asked for it, R38, R39.
type wallet struct {
	methods  []api.PaymentMethod
	kinds    []string
	requests []api.MethodRequest
}

func (p pages) wallet(r *web.Request) (wallet, error) {
	out, err := p.ListMyMethods.Do(r.Context(), &api.ListMyMethodsInput{Org: r.Org.Slug})
	if err != nil {
		return wallet{}, err
	}
	return wallet{out.Body.Methods, out.Body.Kinds, out.Body.Requests}, nil
}

func mayManageMethods(r *web.Request) bool {
	return r.Who.May(portal.ActionManagePaymentMethods) == nil
}

// methodItems are saved cards and accounts, each with what can be done about it.
func methodItems(r *web.Request, methods []api.PaymentMethod) []ui.Item {
	items := make([]ui.Item, len(methods))
	for i, m := range methods {
		items[i] = web.MethodItem(m)
		if !mayManageMethods(r) {
			continue
		}
		at := func(act string) string { return r.Path("account", "methods", m.ID.String(), act) }
		items[i].Menu = &ui.Menu{Label: "Actions for " + web.Method(m), Links: []ui.Link{
			{Label: "Edit", Href: at("edit"), Icon: ui.IconEdit},
			{Label: "Replace", Href: r.Path("account", "methods", "new") + "?replaces=" + m.ID.String(), Icon: ui.IconRetry},
			{},
			{Label: "Remove", Href: at("remove"), Icon: ui.IconTrash, Danger: true},
		}}
	}
	return items
}

// methodsHead is the head of the card that lists them.
func methodsHead(r *web.Request) ui.CardHead {
	head := ui.CardHead{Title: "Payment methods", ID: "methods", Flush: true}
	if mayManageMethods(r) {
		head.Actions = []ui.Action{{Label: "Add", Icon: ui.IconPlus, Size: ui.Small, Href: r.Path("account", "methods", "new"), About: "a payment method"}}
	}
	return head
}

// noMethods is what the list says when nothing is saved.
func noMethods(r *web.Request) ui.Empty {
	empty := ui.Empty{Icon: ui.IconCard, Title: "None saved", Words: "Save a card once, and pay any invoice with a press of a button."}
	if mayManageMethods(r) {
		empty.Action = &ui.Action{Label: "Add a payment method", Href: r.Path("account", "methods", "new")}
	} else {
		empty.Words = "Whoever pays for your company can save a card here."
	}
	return empty
}

// asked says who asked for payment details; nil if nobody did.
func asked(r *web.Request, requests []api.MethodRequest) *ui.Notice {
	if len(requests) == 0 || !mayManageMethods(r) {
		return nil
	}
	request := requests[0]
	n := &ui.Notice{
		Tone: ui.Info, Title: request.By + " of " + r.Org.Name + " asks you to save a way to pay", Words: request.Message,
		Action: &ui.Action{Label: "Save payment details", Size: ui.Small, Href: r.Path("account", "methods", "new")},
	}
	if n.Words == "" {
		n.Words = "Nothing is charged now."
	}
	return n
}

// adding is a method that is about to be entered at the processor.
type adding struct {
	wallet
	form     *web.Form
	key      string
	notice   *ui.Notice
	replaces *api.PaymentMethod
}

// newMethod asks what is to be saved, and says what comes next.
func (p pages) newMethod(r *web.Request) error {
	a, err := p.readAdding(r, r.Query("replaces"))
	if err != nil {
		return err
	}
	a.form = web.NewForm("kind", a.kinds[0])
	return r.Draw(http.StatusOK, newMethodPage(r, a))
}

func (p pages) readAdding(r *web.Request, replaces string) (adding, error) {
	if err := r.Who.May(portal.ActionManagePaymentMethods); err != nil {
		return adding{}, err
	}
	w, err := p.wallet(r)
	if err != nil {
		return adding{}, err
	}
	a := adding{wallet: w, key: web.NewKey()}
	if id, none := uuid.Parse(replaces); none == nil {
		old, err := p.GetMyMethod.Do(r.Context(), &api.MethodInput{Org: r.Org.Slug, Method: id})
		if err != nil {
			return adding{}, err
		}
		a.replaces, a.kinds = &old.Body, []string{old.Body.Kind}
	}
	return a, nil
}

// postNewMethod opens the processor's page.
func (p pages) postNewMethod(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.SetUpMyMethod, &api.SetUpMyMethodInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		return p.refusedMethod(r, f, err)
	}
	to := r.Path("account", "methods", "setups", out.Body.ID.String()) + "?go=1"
	if out.Status == http.StatusAccepted {
		to += "&begun=1"
	}
	return r.Redirect(to)
}

// refusedMethod asks again, under why nothing was opened.
func (p pages) refusedMethod(r *web.Request, f *web.Form, err error) error {
	refused, ok := errors.AsType[*portal.Error](err)
	if !ok || refused.Code == portal.CodeUnauthenticated || refused.Code == portal.CodeForbidden || refused.Code == portal.CodeNotFound {
		return err
	}
	a, gone := p.readAdding(r, f.Value("replaces"))
	if portal.CodeOf(gone) == portal.CodeNotFound {
		a, gone = p.readAdding(r, "")
	}
	if gone != nil {
		return gone
	}
	a.form, a.notice = f, &ui.Notice{Tone: ui.Warning, Title: "This could not be started", Words: payWords(refused)}
	if refused.Code == portal.CodeNotConfirmed {
		a.key = f.Key() // the same again is safe, and tells
	}
	return r.Draw(api.StatusOf(err), newMethodPage(r, a))
}

// methodSetup is the page on which the contact waits for the processor's page, and comes back to.
func (p pages) methodSetup(r *web.Request) error {
	s, err := p.readSetup(r)
	if portal.CodeOf(err) == portal.CodeNotFound && r.Query("begun") != "" {
		// The start was acknowledged, and its first step is a moment away.
		id, err := r.ID("setup", "setup")
		if err != nil {
			return err
		}
		s = api.MethodSetup{ID: id, Status: portal.MethodSetupRequested, Kind: "card", Mine: true}
		return r.Draw(http.StatusAccepted, methodSetupPage(r, setupPage(r, s)))
	}
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, methodSetupPage(r, setupPage(r, s)))
}

func (p pages) readSetup(r *web.Request) (api.MethodSetup, error) {
	id, err := r.ID("setup", "setup")
	if err != nil {
		return api.MethodSetup{}, err
	}
	out, err := p.GetMySetup.Do(r.Context(), &api.MethodSetupInput{Org: r.Org.Slug, Setup: id})
	if err != nil {
		return api.MethodSetup{}, err
	}
	return out.Body, nil
}

func setupPage(r *web.Request, s api.MethodSetup) web.SetupPage {
	again := r.Path("account", "methods", "new")
	if s.Replaces != nil {
		again += "?replaces=" + s.Replaces.ID.String()
	}
	return web.NewSetupPage(r, s, r.Path("account", "methods", "setups", s.ID.String()), r.Path("account")+"#methods", again)
}

// methodSetupLive tells whoever may read the setup when to look again.
func (p pages) methodSetupLive(r *web.Request) error {
	s, err := p.readSetup(r)
	if err != nil {
		return err
	}
	p.Stream(r.Writer(), r.HTTP(), s.ID)
	return nil
}

func setupShell(r *web.Request, p web.SetupPage) ui.PortalShell {
	s := shell(r, p.Heading().Title, "")
	s.Narrow, s.Head.Reload = true, p.Reload()
	return s
}

func (p pages) readMethod(r *web.Request) (api.PaymentMethod, error) {
	if err := r.Who.May(portal.ActionManagePaymentMethods); err != nil {
		return api.PaymentMethod{}, err
	}
	id, err := r.ID("method", "saved card")
	if err != nil {
		return api.PaymentMethod{}, err
	}
	out, err := p.GetMyMethod.Do(r.Context(), &api.MethodInput{Org: r.Org.Slug, Method: id})
	if err != nil {
		return api.PaymentMethod{}, err
	}
	return out.Body, nil
}

func (p pages) editMethod(r *web.Request) error {
	m, err := p.readMethod(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editMethodPage(r, m, methodForm(m), web.NewKey()))
}

func methodForm(m api.PaymentMethod) *web.Form {
	f := web.NewForm("version", strconv.Itoa(m.Version), "name", m.Name, "email", m.Email, "phone", m.Phone)
	if m.ExpMonth != 0 {
		f.Set("exp_month", strconv.Itoa(m.ExpMonth))
		f.Set("exp_year", strconv.Itoa(m.ExpYear))
	}
	setAddress(f, "address", m.Address)
	return f
}

// postEditMethod changes it at the processor and here.
func (p pages) postEditMethod(r *web.Request) error {
	m, err := p.readMethod(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.EditMyMethod, &api.EditMyMethodInput{Key: f.APIKey(), Org: r.Org.Slug, Method: m.ID})
	switch {
	case portal.CodeOf(err) == portal.CodeStale:
		f.ChangedMeanwhile(methodForm(m))
		return r.Draw(http.StatusConflict, editMethodPage(r, m, f, web.NewKey()))
	case portal.CodeOf(err) == portal.CodeNotConfirmed:
		return r.Again(f, err, editMethodPage(r, m, f, f.Key())) // the same again is safe, and tells
	case err != nil:
		return r.Again(f, err, editMethodPage(r, m, f, web.NewKey()))
	case out.Status == http.StatusAccepted:
		return r.Redirect(r.Path("account") + "?done=method-changing")
	}
	return r.Redirect(r.Path("account") + "?done=method-changed")
}

// removeMethod asks whether it is meant.
func (p pages) removeMethod(r *web.Request) error {
	m, err := p.readMethod(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, removeMethodPage(r, m, nil))
}

func (p pages) postRemoveMethod(r *web.Request) error {
	id, err := r.ID("method", "saved card")
	if err != nil {
		return err
	}
	_, err = p.RemoveMyMethod.Do(r.Context(), &api.MethodInput{Org: r.Org.Slug, Method: id})
	if refused, ok := errors.AsType[*portal.Error](err); ok && refused.Code == portal.CodeConflict {
		m, gone := p.readMethod(r)
		if gone != nil {
			return gone
		}
		return r.Draw(http.StatusConflict, removeMethodPage(r, m, &ui.Notice{Tone: ui.Warning, Title: "It can’t be removed right now", Words: refused.Message}))
	}
	if err != nil {
		return err
	}
	return r.Redirect(r.Path("account") + "?done=method")
}

func months() []ui.Option {
	options := make([]ui.Option, 12)
	for i := range options {
		options[i] = ui.Option{Value: strconv.Itoa(i + 1), Label: strconv.Itoa(i + 1)}
		if i < 9 {
			options[i].Label = "0" + options[i].Label
		}
	}
	return options
}

// years are those in which a card that is good today can end, and the one that it has now.
func years(r *web.Request, now int) []ui.Option {
	var options []ui.Option
	first := r.Today().Year
	if now != 0 && now < first {
		options = append(options, ui.Option{Value: strconv.Itoa(now), Label: strconv.Itoa(now)})
	}
	for year := first; year <= max(first+20, now); year++ {
		options = append(options, ui.Option{Value: strconv.Itoa(year), Label: strconv.Itoa(year)})
	}
	return options
}
