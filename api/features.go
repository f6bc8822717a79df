package api

import (
	"context"
	"net/http"

	"countersign/portal"
)

type featureOperations struct {
	MyFeatures *Operation[FeaturesInput, FeaturesOutput]
}

// FeaturesInput needs nothing: the portal is the caller's own.
type FeaturesInput struct {
	Org string `path:"org" maxLength:"40"`
}

// FeaturesOutput is which parts of the portal are switched on.
type FeaturesOutput struct {
	Body Features
}

func (a *API) declareFeatures() {
	a.MyFeatures = declare(a, route{
		id: "get-my-features", method: http.MethodGet, path: "/api/{org}/portal/features", tag: "Account",
		summary: "Read which parts of the portal are switched on", side: portal.SideContact, action: portal.ActionViewDocuments,
	}, a.myFeatures)
}

func (a *API) myFeatures(ctx context.Context, _ *FeaturesInput) (*FeaturesOutput, error) {
	s, err := a.settings(ctx)
	if err != nil {
		return nil, err
	}
	return &FeaturesOutput{Features{s.EditDetails, s.ForwardDocuments, s.Reviews, s.Timesheets, s.MFA}}, nil
}
