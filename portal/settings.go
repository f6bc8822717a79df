package portal

import "unicode/utf8"

// Settings are an organization's choices for its portal, one page in the
// console. The zero value is the most careful one: everything is off.
type Settings struct {
	// Banner is shown to customers when they sign in; plain text.
	Banner string `json:"banner"`
	// EmailStaffOnActivity tells staff by email what contacts do.
	EmailStaffOnActivity bool `json:"email_staff_on_activity"`
	// EmailCustomerOnComment tells contacts by email that staff commented.
	EmailCustomerOnComment bool `json:"email_customer_on_comment"`
	// EditDetails lets contacts edit addresses and contact details.
	EditDetails bool `json:"edit_details"`
	// ForwardDocuments lets contacts forward documents. Who receives one
	// becomes a contact of that customer, without access to the portal.
	ForwardDocuments bool `json:"forward_documents"`
	// Reviews lets contacts write a review.
	Reviews bool `json:"reviews"`
	// Timesheets shows contacts projects and timesheets, to be approved.
	Timesheets bool `json:"timesheets"`
	// MFA makes every contact set up a second factor at the next sign-in.
	MFA bool `json:"mfa"`
}

// MaxBanner is the longest banner, in characters.
const MaxBanner = 1000

// Validate says what is wrong with s, field by field.
func (s Settings) Validate() error {
	if utf8.RuneCountInString(s.Banner) > MaxBanner {
		return Invalid("These settings can't be saved.",
			Field("banner", "The banner can have at most %d characters.", MaxBanner))
	}
	return nil
}

// Feature is a part of the portal that a setting switches.
type Feature string

// The features.
const (
	FeatureEditDetails      Feature = "edit_details"
	FeatureForwardDocuments Feature = "forward_documents"
	FeatureReviews          Feature = "reviews"
	FeatureTimesheets       Feature = "timesheets"
	FeatureMFA              Feature = "mfa"
)

// Allows says why contacts can't use f, or nil if they can. A page leaves out
// what it refuses, and the API refuses it too.
func (s Settings) Allows(f Feature) error {
	on := map[Feature]bool{
		FeatureEditDetails:      s.EditDetails,
		FeatureForwardDocuments: s.ForwardDocuments,
		FeatureReviews:          s.Reviews,
		FeatureTimesheets:       s.Timesheets,
		FeatureMFA:              s.MFA,
	}
	if !on[f] {
		return Forbidden("This is switched off in this portal.")
	}
	return nil
}
