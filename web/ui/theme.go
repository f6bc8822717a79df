package ui

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// ErrNotAColour is returned for an accent that isn't six hexadecimal digits after a "#".
var ErrNotAColour = errors.New("an accent colour is # and six hexadecimal digits, such as #17457c")

// colour is an sRGB colour, each part 0 to 1.
type colour struct{ r, g, b float64 }

// The surfaces of app.css that an accent is read on.
var (
	lightSurfaces = []colour{{1, 1, 1}, hexColour(0xf6f6f4)}
	darkSurfaces  = []colour{hexColour(0x17191c), hexColour(0x0f1113)}
	white         = colour{1, 1, 1}
	nearBlack     = hexColour(0x101317)
)

// Least contrasts of WCAG 2.2: 1.4.3 for text, with a little to spare for rounding to eight bits.
const textContrast = 4.55

// Theme writes the stylesheet that puts an organization's accent colour in place of ours, for light and for dark. The hue
// is the organization's; its lightness is moved just as far as WCAG's contrast demands, so that any accent can be read.
func Theme(accent string) (string, error) {
	c, err := parseColour(accent)
	if err != nil {
		return "", err
	}
	light := palette(c, lightSurfaces, white)
	dark := palette(lighten(c, darkSurfaces), darkSurfaces, nearBlack)
	return fmt.Sprintf(":root{%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n@media print{:root{--accent-text:#000}}\n", light, dark), nil
}

func palette(fill colour, surfaces []colour, ink colour) string {
	on := ink
	if contrast(fill, ink) < textContrast {
		other := nearBlack
		if ink == nearBlack {
			other = white
		}
		if contrast(fill, other) >= textContrast {
			on = other
		} else {
			fill = towards(fill, surfaces, func(c colour) bool { return contrast(c, ink) >= textContrast })
		}
	}
	text := towards(fill, surfaces, func(c colour) bool {
		for _, s := range surfaces {
			if contrast(c, s) < textContrast {
				return false
			}
		}
		return true
	})
	// A hovered button moves away from the words on it, so its contrast only grows.
	away := colour{0, 0, 0}
	if on != white {
		away = white
	}
	return fmt.Sprintf("--accent:%s;--accent-hover:%s;--on-accent:%s;--accent-text:%s;--accent-soft:%s",
		fill, mix(fill, away, 0.16), on, text, mix(surfaces[0], text, 0.09))
}

// lighten lifts an accent that would sink into the dark surfaces.
func lighten(c colour, surfaces []colour) colour {
	return towards(c, surfaces, func(c colour) bool { return contrast(c, surfaces[0]) >= 5.5 })
}

// towards moves a colour away from the surfaces, to white on dark ones and to black on light ones, until it will do.
func towards(c colour, surfaces []colour, will func(colour) bool) colour {
	goal := colour{0, 0, 0}
	if luminance(surfaces[0]) < 0.2 {
		goal = white
	}
	for share := 0.0; share < 1; share += 0.02 {
		if moved := mix(c, goal, share); will(moved) {
			return moved
		}
	}
	return goal
}

func parseColour(s string) (colour, error) {
	if len(s) != 7 || s[0] != '#' {
		return colour{}, ErrNotAColour
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return colour{}, ErrNotAColour
	}
	return hexColour(uint32(n)), nil
}

func hexColour(n uint32) colour {
	part := func(shift uint) float64 { return float64(n>>shift&0xff) / 255 }
	return colour{part(16), part(8), part(0)}
}

// String gives the colour as CSS writes it.
func (c colour) String() string {
	part := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

func mix(a, b colour, share float64) colour {
	return colour{a.r + (b.r-a.r)*share, a.g + (b.g-a.g)*share, a.b + (b.b-a.b)*share}
}

// luminance is WCAG's relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
func luminance(c colour) float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG's contrast ratio, 1 to 21, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(a, b colour) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
