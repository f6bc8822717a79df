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
// is the organization's; its lightness is moved just as far as WCAG's contrast demands, so that any accent can be read. An
// accent that isn't # and six hexadecimal digits is ErrNotAColour: nothing else ever reaches the stylesheet.
func Theme(accent string) (string, error) {
	c, err := parseColour(accent)
	if err != nil {
		return "", err
	}
	light := palette(c, lightSurfaces, white)
	dark := palette(lighten(c, darkSurfaces), darkSurfaces, nearBlack)
	return fmt.Sprintf(":root{%s}\n@media screen and (prefers-color-scheme:dark){:root{%s}}\n", light, dark), nil
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

// towards moves a colour's lightness away from the surfaces, up on dark ones and down on light ones, until it will do.
func towards(c colour, surfaces []colour, will func(colour) bool) colour {
	from := toPerceived(c)
	step := -0.005
	if luminance(surfaces[0]) < 0.2 {
		step = 0.005
	}
	for at := from; at.lightness >= 0 && at.lightness <= 1; at.lightness += step {
		if moved := at.colour(); will(moved) {
			return moved
		}
	}
	if step > 0 {
		return white
	}
	return colour{0, 0, 0}
}

// perceived is a colour in OKLCH, where equal steps of lightness look equal and don't turn the hue:
// https://bottosson.github.io/posts/oklab/. The matrices are that article's.
type perceived struct{ lightness, chroma, hue float64 }

func toPerceived(c colour) perceived {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a2 := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	b2 := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return perceived{
		lightness: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		chroma:    math.Hypot(a2, b2),
		hue:       math.Atan2(b2, a2),
	}
}

// colour gives the nearest colour that a screen can show: the chroma falls until all three parts fit.
func (p perceived) colour() colour {
	for chroma := p.chroma; ; chroma -= 0.004 {
		chroma = max(chroma, 0)
		a2, b2 := chroma*math.Cos(p.hue), chroma*math.Sin(p.hue)
		l := cube(p.lightness + 0.3963377774*a2 + 0.2158037573*b2)
		m := cube(p.lightness - 0.1055613458*a2 - 0.0638541728*b2)
		s := cube(p.lightness - 0.0894841775*a2 - 1.2914855480*b2)
		c := colour{
			gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
			gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
			gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		}
		if c.shows() || chroma == 0 {
			return colour{clamp(c.r), clamp(c.g), clamp(c.b)}
		}
	}
}

func (c colour) shows() bool {
	const slack = 0.0005
	return min(c.r, c.g, c.b) >= -slack && max(c.r, c.g, c.b) <= 1+slack
}

func clamp(v float64) float64 { return min(max(v, 0), 1) }

func cube(v float64) float64 { return v * v * v }

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

// linear and gamma turn a part of an sRGB colour into light and back.
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// luminance is WCAG's relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
func luminance(c colour) float64 {
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG's contrast ratio, 1 to 21, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(a, b colour) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
