package console

import (
	"net/http"

	"countersign/web"
)

func (p pages) home(r *web.Request) error { return r.Draw(http.StatusOK, homeView(r)) }
