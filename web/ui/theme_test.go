package ui

import (
	"errors"
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

var declared = regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`)

// An organization may choose any colour at all: what is written in it and on it is read at WCAG AA, in light and in dark.
func TestThemeOfAnyAccentCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accent := rapid.StringMatching(`#[0-9a-f]{6}`).Draw(t, "accent")
		sheet, err := Theme(accent)
		if err != nil {
			t.Fatal(err)
		}
		found := declared.FindAllStringSubmatch(sheet, -1)
		if len(found) != 10 {
			t.Fatalf("%d declarations in %s", len(found), sheet)
		}
		for i, surfaces := range [][]colour{lightSurfaces, darkSurfaces} {
			tokens := map[string]colour{}
			for _, f := range found[i*5 : i*5+5] {
				c, err := parseColour(f[2])
				if err != nil {
					t.Fatal(err)
				}
				tokens[f[1]] = c
			}
			for _, fill := range []string{"accent", "accent-hover"} {
				if got := contrast(tokens[fill], tokens["on-accent"]); got < 4.5 {
					t.Errorf("words on --%s: %.2f in %s", fill, got, sheet)
				}
			}
			for _, surface := range surfaces {
				if got := contrast(tokens["accent-text"], surface); got < 4.5 {
					t.Errorf("--accent-text on %s: %.2f in %s", surface, got, sheet)
				}
			}
			if got := contrast(tokens["accent"], surfaces[0]); i == 1 && got < 3 {
				t.Errorf("a button's edge on a dark card: %.2f in %s", got, sheet)
			}
		}
	})
}

func TestThemeRefusesWhatIsNoColour(t *testing.T) {
	for _, accent := range []string{"", "17457c", "#17457", "#17457g", "#+7457c", "#17457c;}body{display:none", "red", "#０００００0"} {
		if _, err := Theme(accent); !errors.Is(err, ErrNotAColour) {
			t.Errorf("Theme(%q) = %v, want ErrNotAColour", accent, err)
		}
	}
}

// The hue stays the organization's own when its lightness has to move.
func TestThemeKeepsTheHue(t *testing.T) {
	for _, accent := range []string{"#1d5b52", "#8a1c4a", "#2b3fae", "#7a4a05"} {
		c, err := parseColour(accent)
		if err != nil {
			t.Fatal(err)
		}
		was, is := toPerceived(c), toPerceived(lighten(c, darkSurfaces))
		if d := was.hue - is.hue; d > 0.06 || d < -0.06 {
			t.Errorf("%s: hue %.3f became %.3f", accent, was.hue, is.hue)
		}
	}
}
