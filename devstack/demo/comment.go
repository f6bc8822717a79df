package demo

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"countersign/activities"
	"countersign/db/dbsqlc"
	"countersign/portal"
)

// thread is what was said about an estimate, a project or an invoice.
type thread struct {
	customer string
	// estimate is its title, and project its name; else it is about one of the
	// customer's open invoices.
	estimate, project string
	opening           int
	said              []said
}

// said is a comment.
type said struct {
	// by is which of the contacts or, for staff, which of them.
	by    int
	staff bool
	// after is how many hours after the comment before it, or the document.
	after int
	text  string
	// internal is for staff alone.
	internal bool
}

func asks(by, after int, text string) said { return said{by: by, after: after, text: text} }

func answers(by, after int, text string) said {
	return said{by: by, staff: true, after: after, text: text}
}

func notes(by, after int, text string) said {
	return said{by: by, staff: true, after: after, text: text, internal: true}
}

// subject is what a thread is about, and since when it could be talked about.
func (y *year) subject(t thread) (kind string, id uuid.UUID, since time.Time, err error) {
	b := y.named(t.customer)
	if b == nil {
		return "", id, since, fmt.Errorf("%s has no customer %q", y.b.name, t.customer)
	}
	if t.project != "" {
		i := slices.IndexFunc(y.projects, func(u *undertaking) bool { return u.buyer == b && u.name == t.project })
		if i < 0 {
			return "", id, since, fmt.Errorf("%s has no project %q", b.name, t.project)
		}
		return "project", y.projects[i].id, y.projects[i].began, nil
	}
	if t.estimate == "" {
		n := b.opened(y.id("invoice", b.name, openName(t.opening)))
		return "invoice", n.id, n.sent, nil
	}
	i := slices.IndexFunc(y.estimates, func(e *estimate) bool { return e.buyer == b && e.title == t.estimate })
	if i < 0 {
		return "", id, since, fmt.Errorf("%s has no estimate %q", b.name, t.estimate)
	}
	e := y.estimates[i]
	if len(e.versions) == 0 {
		return "estimate", e.id, e.created, nil
	}
	return "estimate", e.id, e.versions[0].sent, nil
}

// writeComments writes the threads, as far as they had come by yesterday.
func (y *year) writeComments(r *rows) error {
	midnight := y.today.StartOfDay(y.zone)
	for i, t := range y.b.threads {
		kind, id, at, err := y.subject(t)
		if err != nil {
			return err
		}
		b := y.named(t.customer)
		for j, s := range t.said {
			at = y.awake(at.Add(time.Duration(s.after)*time.Hour + time.Duration(7*(i+j)+3)*time.Minute))
			if !at.Before(midnight) {
				break
			}
			// A sentence about a comment quotes it whole up to this length.
			if utf8.RuneCountInString(s.text) > 140 {
				return fmt.Errorf("the comment %q is too long to be quoted whole", s.text)
			}
			by := y.speaker(b, s)
			row := dbsqlc.Comment{
				OrgID: y.org, ID: timedID(at, i<<6|j, id), RequestID: y.id("comment", id.String(), fmt.Sprint(j)), CustomerID: b.row.ID, SubjectKind: kind, SubjectID: id,
				AuthorKind: string(by.Kind), AuthorID: by.ID, AuthorName: by.Name, Visible: !s.internal, Body: s.text, At: at,
			}
			r.comments = append(r.comments, row)
			data := map[string]any{"id": row.ID, "comment": s.text}
			if s.internal {
				data["internal"] = true
			}
			y.tell(event{at: at, kind: kind + ".commented", subject: kind, id: id, customer: b, by: by, internal: s.internal, data: data})
		}
	}
	return nil
}

// awake is an instant, or the morning after it where it lies in the night.
func (y *year) awake(at time.Time) time.Time {
	local := at.In(y.zone)
	switch {
	case local.Hour() < 8:
		return y.clock(portal.DateOf(at, y.zone), 8, local.Minute())
	case local.Hour() >= 20:
		return y.clock(portal.DateOf(at, y.zone).AddDays(1), 8, local.Minute())
	}
	return at
}

func (y *year) speaker(b *buyer, s said) activities.Actor {
	if s.staff {
		return y.staffMember(s.by)
	}
	return contactActor(b.contacts[s.by])
}

func alderThreads() []thread {
	return []thread{
		{customer: "Northbeam Logistics", estimate: "Driver app, second release", said: []said{
			notes(1, 0, "Dana has 75 k left for this year. If she hesitates, offer the component library as a second step."),
		}},
		{customer: "Northbeam Logistics", estimate: "Conference stand, Long Beach", said: []said{
			asks(0, 5, "Could the panels be used again in Memphis in spring?"),
			answers(2, 3, "Yes, the frame folds into two cases. Only the fabric of the back wall would be new."),
			notes(0, 20, "Their marketing budget moves to the annual report. Don’t press."),
			asks(0, 30, "Thank you. I’ll bring it to the team this week."),
		}},
		{customer: "Northbeam Logistics", opening: 0, said: []said{
			asks(1, 26, "Which purchase order does this belong to? I can’t find the rate calculator on any."),
			answers(1, 4, "It is PO 5581, the one of the carrier sign-up. Sofia extended it in the kickoff."),
			asks(1, 21, "Found it, thanks. I have asked for it to be released."),
			notes(1, 400, "Called: Marcus waits for his controller. Promised for the next run."),
		}},
		{customer: "Northbeam Logistics", opening: 3, said: []said{
			asks(0, 8, "Twelve sessions, or ten? Two drivers didn’t come, I think."),
			answers(0, 16, "You are right, and they are not on it: the invoice counts those who came."),
		}},
		{customer: "Northbeam Logistics", project: "Driver app", said: []said{
			answers(2, 30, "Kick-off is done. Sketches of the load board are on the shared wall."),
			asks(0, 4, "Lovely. Can we show them to two drivers at the Secaucus yard on Friday?"),
			answers(2, 2, "Yes. I bring the prototype, at seven, before the trucks leave."),
			notes(0, 26, "Keep the workshop hours off the bill: it was a promise from the first meeting."),
			asks(0, 1300, "The time of the last weeks looks right. Please send it for approval before you invoice it."),
		}},
		{customer: "Maple & Main Credit Union", estimate: "Mortgage application, redesign", said: []said{
			asks(0, 40, "What would it be without the Spanish version?"),
			answers(2, 5, "About a fifth less. We would keep the layout ready for it."),
		}},
	}
}

func sumireThreads() []thread {
	return []thread{
		{customer: "Hotel Kasumi Ginza", estimate: "New espresso bar in the lobby", said: []said{
			notes(2, 0, "The old machine is worth about ¥180,000 to us. Room for a discount if it decides the matter."),
		}},
		{customer: "Hotel Kasumi Ginza", estimate: "Cold brew on tap", said: []said{
			asks(0, 6, "Is the nitrogen included, or do we rent the bottles?"),
			answers(2, 4, "The first bottle is included. After that ¥4,200 each, exchanged with the delivery."),
			notes(0, 9, "Bring the nitro sample to Claire next time."),
		}},
		{customer: "Hotel Kasumi Ginza", project: "Breakfast bar", said: []said{
			asks(0, 50, "May the training begin at five? The bar opens at half past six."),
			answers(2, 3, "It may. I take the first train."),
			notes(0, 40, "Claire decides on the yuzu. Bring both versions."),
		}},
		{customer: "Hotel Kasumi Ginza", opening: 2, said: []said{
			asks(1, 12, "Please put lounge and breakfast on separate invoices from next month."),
			answers(1, 3, "We will. This one stays as it is, if that suits you."),
			asks(1, 2, "Yes, thank you."),
		}},
	}
}

func rimalThreads() []thread {
	return []thread{
		{customer: "Al Seef Medical Center", estimate: "Replacement of chiller 2", said: []said{
			notes(2, 0, "The crane permit takes ten days. Don’t promise a date before it is there."),
		}},
		{customer: "Al Seef Medical Center", estimate: "Building management system", said: []said{
			asks(0, 10, "Does it talk to the fire panel of the annex?"),
			answers(0, 4, "Yes, over BACnet. The gateway is line 3."),
			notes(0, 30, "Two others were asked for an offer."),
		}},
		{customer: "Al Seef Medical Center", project: "Theatre air handling", said: []said{
			asks(0, 28, "Theatre 2 is free on Thursday night only."),
			answers(0, 3, "Then we start there. The team has its permits."),
			notes(2, 60, "The filters of theatre 4 are older than the file says. Photograph them."),
		}},
		{customer: "Al Seef Medical Center", opening: 2, said: []said{
			asks(1, 7, "The report says four hours, the invoice five. Which is right?"),
			answers(1, 20, "Five: the hour of waiting for the permit counts. I have added the log to your file."),
		}},
	}
}
