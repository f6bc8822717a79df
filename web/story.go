package web

import (
	"slices"
	"strings"

	"countersign/api"
	"countersign/web/ui"
)

// Story tells a document's events in plain words, newest first.
func (r *Request) Story(entries []api.TimelineEntry) []ui.Happening {
	story := make([]ui.Happening, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		story = append(story, ui.Happening{Tone: ToneOf(e.Kind), Words: e.Text, Detail: e.Detail, When: r.Moment(e.At)})
	}
	return story
}

// ToneOf is what an event of this kind means for those who read of it.
func ToneOf(kind string) ui.Tone {
	switch _, happened, _ := strings.Cut(kind, "."); happened {
	case "accepted", "approved", "succeeded", "paid":
		return ui.Success
	case "declined", "rejected", "failed", "bounced", "complained":
		return ui.Failure
	case "card_declined", "locked", "expired", "authentication_needed", "withdrawn", "partly_approved", "recalled":
		return ui.Warning
	case "sent", "submitted", "started", "processing", "retried", "credited":
		return ui.Info
	}
	return ui.Neutral
}
