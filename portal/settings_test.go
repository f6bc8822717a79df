package portal

import (
	"errors"
	"strings"
	"testing"
)

// R4, R5, R7, R8, R9, R10
func TestAFeatureIsRefusedUntilItIsSwitchedOn(t *testing.T) {
	features := map[Feature]Settings{
		FeatureEditDetails:      {EditDetails: true},
		FeatureForwardDocuments: {ForwardDocuments: true},
		FeatureReviews:          {Reviews: true},
		FeatureTimesheets:       {Timesheets: true},
		FeatureMFA:              {MFA: true},
	}
	for on, settings := range features {
		for f := range features {
			err := settings.Allows(f)
			if f == on && err != nil {
				t.Errorf("with %s on: %v", on, err)
			}
			if f != on && CodeOf(err) != CodeForbidden {
				t.Errorf("with only %s on, %s: got %v, want a refusal", on, f, err)
			}
		}
	}
	wantCode(t, Settings{}.Allows("made up"), CodeForbidden)
}

// R1
func TestBannerHasALimit(t *testing.T) {
	if err := (Settings{Banner: strings.Repeat("é", MaxBanner)}).Validate(); err != nil {
		t.Errorf("the longest banner: %v", err)
	}
	err := Settings{Banner: strings.Repeat("é", MaxBanner+1)}.Validate()
	refusal, ok := errors.AsType[*Error](err)
	if !ok || len(refusal.Fields) != 1 || refusal.Fields[0].Path != "banner" {
		t.Errorf("got %v, want a refusal of the banner", err)
	}
}
