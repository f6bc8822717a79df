// The organization's face in an email: its name, its colour, and colours that can be read.

package mail

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Brand is what an email shows of the organization that sends it.
type Brand struct {
	// Name stands at the top and in the footer.
	Name string
	// Colour is the organization's own, "#rrggbb"; anything else counts as none, and a calm blue is used.
	Colour string
	// Address is shown in the footer, one line of it a line.
	Address []string
}

const defaultColour = "#2f5d8a"

// palette is one mode's colours of an email.
type palette struct {
	page, card, line, text, muted string
	accent                        string // links, on the card
	buttonFill, buttonText        string
}

func (b Brand) light() palette {
	p := palette{page: "#f3f4f6", card: "#ffffff", line: "#e3e6ea", text: "#1c2430", muted: "#5b6675"}
	return p.with(b.colour())
}

func (b Brand) dark() palette {
	p := palette{page: "#12151a", card: "#1b2027", line: "#323a45", text: "#e8ebef", muted: "#a3adba"}
	return p.with(b.colour())
}

func (p palette) with(c rgb) palette {
	// WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what shows where a button is.
	p.accent = c.until(4.5, hex(p.card)).String()
	fill := c.until(3, hex(p.card))
	p.buttonFill = fill.String()
	p.buttonText = "#ffffff"
	if white, black := hex("#ffffff"), hex("#000000"); fill.contrast(white) < fill.contrast(black) && fill.contrast(white) < 4.5 {
		p.buttonText = "#000000"
	}
	return p
}

func (b Brand) colour() rgb {
	c, err := parseColour(strings.TrimSpace(b.Colour))
	if err != nil {
		return hex(defaultColour)
	}
	return c
}

type rgb [3]uint8

func parseColour(s string) (rgb, error) {
	digits, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return rgb{}, fmt.Errorf("%q is not a colour like #2f5d8a", s)
	}
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// hex reads a colour of ours.
func hex(s string) rgb {
	c, err := parseColour(s)
	if err != nil {
		panic(err)
	}
	return c
}

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is WCAG's relative luminance, 0 to 1.
func (c rgb) luminance() float64 {
	channel := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c[0]) + 0.7152*channel(c[1]) + 0.0722*channel(c[2])
}

func (c rgb) contrast(other rgb) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// until moves c away from the background, towards black or white, until it stands out by that contrast.
func (c rgb) until(contrast float64, background rgb) rgb {
	target := 0.0
	if background.luminance() < 0.18 {
		target = 255
	}
	moved := c
	for step := 1; moved.contrast(background) < contrast && step <= 20; step++ {
		for i := range moved {
			v := float64(c[i])
			moved[i] = uint8(math.Round(v + (target-v)*float64(step)/20))
		}
	}
	return moved
}
