package console

import (
	"net/http"

	"countersign/api"
	"countersign/web"
)

func (p pages) apiKeys(r *web.Request) error {
	return p.drawAPIKeys(r, http.StatusOK, web.NewForm(), "")
}

func (p pages) drawAPIKeys(r *web.Request, status int, f *web.Form, token string) error {
	out, err := p.ListAPIKeys.Do(r.Context(), &api.ListAPIKeysInput{Org: r.Org.Slug})
	if err != nil {
		return err
	}
	return r.Draw(status, apiKeysView(r, f, out.Body.Keys, out.Body.Scopes, token))
}

// createAPIKey answers with the page itself: the key is shown this once, so there is no page to lead to that could show it.
func (p pages) createAPIKey(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	out, err := web.Submit(r, f, p.CreateAPIKey, &api.CreateAPIKeyInput{Key: f.APIKey(), Org: r.Org.Slug})
	if err != nil {
		status, err := takeBack(f, err)
		if err != nil {
			return err
		}
		return p.drawAPIKeys(r, status, f, "")
	}
	return p.drawAPIKeys(r, http.StatusCreated, web.NewForm(), out.Body.Token)
}

func (p pages) revokeAPIKey(r *web.Request) error {
	id, err := r.ID("key", "API key")
	if err != nil {
		return err
	}
	if _, err := p.RevokeAPIKey.Do(r.Context(), &api.RevokeAPIKeyInput{Org: r.Org.Slug, ID: id}); err != nil {
		return err
	}
	return r.Redirect(with(r.Path("api-keys"), "done", "revoked"))
}
