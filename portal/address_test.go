package portal

import (
	"slices"
	"testing"
)

func TestAddressLinesLeaveOutWhatIsEmpty(t *testing.T) {
	full := Address{Line1: "1 High St", Line2: "Floor 2", City: "Springfield", Region: "IL", PostalCode: "62701", Country: "US"}
	for _, test := range []struct {
		address Address
		want    []string
	}{
		{full, []string{"1 High St", "Floor 2", "Springfield IL 62701", "United States"}},
		{Address{City: "Berlin", Line1: " "}, []string{"Berlin"}},
		{Address{}, nil},
	} {
		if got := test.address.Lines(); !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %q, want %q", test.address, got, test.want)
		}
	}
}
