package web

import "strings"

// Device says in a few words what a User-Agent header is likely to be: "Firefox on macOS". It is for people to recognize
// their own sign-ins; nothing is decided by it.
func Device(userAgent string) string {
	browser := first(userAgent, [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	})
	system := first(userAgent, [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	case system != "":
		return system
	default:
		return "Unknown device"
	}
}

// first is the word for the first sign that is found; more telling signs come first, since browsers name each other.
func first(userAgent string, signs [][2]string) string {
	for _, sign := range signs {
		if strings.Contains(userAgent, sign[0]) {
			return sign[1]
		}
	}
	return ""
}
