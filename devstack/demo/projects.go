package demo

import "countersign/portal"

// What the businesses log time on. The first project of each goes through all
// that can happen to time: invoiced, approved in part, waiting, not asked about.

func alderProjects() []project {
	return []project{
		{
			customer: "Northbeam Logistics", name: "Driver app", rate: 15500,
			about: "Offline mode first, then load matching. We meet on Tuesdays at ten.",
			tasks: []task{
				{name: "Interface design", by: 2, often: 70, done: []string{
					"Load board: list, map and empty states", "Offline banner and the queue of unsent scans", "Signature capture, left and right hand",
					"Dark theme for night shifts", "Proof of delivery: photo, note, recipient", "Review of the flows with Dana",
				}},
				{name: "Prototype in code", rate: 16500, by: 1, often: 45, done: []string{
					"Scanner prototype on two Android handsets", "Sync rules, tried out in airplane mode", "Map tiles kept on the device", "List that scrolls with gloves on",
				}},
				{name: "Studio meetings", internal: true, by: 0, often: 15, done: []string{"Weekly critique", "Planning of the next two weeks"}},
			},
			stints: []stint{
				{from: 112, until: 92, asked: portal.TimesheetApproved, invoiced: true, message: "The first three weeks, as agreed."},
				{from: 62, until: 46, asked: portal.TimesheetPartlyApproved, message: "Second release: the design of offline mode.", reason: "This was the workshop that we had agreed is on you."},
				{from: 34, until: 13, asked: portal.TimesheetSubmitted, message: "The work on load matching, before we invoice it."},
				{from: 9, until: 1},
			},
		},
		{
			customer: "Northbeam Logistics", name: "Carrier sign-up, accessibility", rate: 14500, closed: true,
			about: "Fixes that came out of the audit.",
			tasks: []task{
				{name: "Fixes", by: 2, often: 60, done: []string{"Focus order of the wizard", "Error messages beside their fields", "Contrast of the status chips"}},
				{name: "Screen reader tests", by: 1, often: 35, done: []string{"NVDA and Firefox", "VoiceOver on iOS"}},
			},
			stints: []stint{{from: 190, until: 176, invoiced: true}},
		},
		{
			customer: "Maple & Main Credit Union", name: "Online branch, editorial", rate: 13500,
			about: "Plain words for loans and cards, in English and Spanish.",
			tasks: []task{
				{name: "Writing", by: 2, often: 55, done: []string{"Overdraft, explained", "Home equity: what it costs", "Questions of members, sorted"}},
				{name: "Compliance review", by: 1, often: 30, done: []string{"Changes asked for by Ruth", "Second reading"}},
			},
			stints: []stint{
				{from: 58, until: 44, asked: portal.TimesheetRejected, reason: "Please split this by product: our auditors want loans and cards apart."},
				{from: 26, until: 16, asked: portal.TimesheetRecalled, message: "The same, split by product.", reason: "Two days were logged on the wrong task."},
				{from: 8, until: 2},
			},
		},
	}
}

func sumireProjects() []project {
	return []project{
		{
			customer: "Hotel Kasumi Ginza", name: "Breakfast bar", rate: 9800, tax: standardTax,
			about: "A second bar for the breakfast room: layout, recipes, and staff who know them.",
			tasks: []task{
				{name: "Recipes and tasting", by: 0, often: 55, done: []string{"Filter for two hundred guests an hour", "Cold brew with yuzu, third round", "Tasting with the executive chef", "Milk drinks at 6:30, timed"}},
				{name: "Staff training", rate: 8200, by: 2, often: 45, done: []string{"Opening the bar, alone", "Milk, by weight", "Cleaning at the end of the shift"}},
				{name: "Travel", internal: true, by: 2, often: 20, done: []string{"To Ginza and back"}},
			},
			stints: []stint{
				{from: 118, until: 98, asked: portal.TimesheetApproved, invoiced: true, message: "Planning and first tastings."},
				{from: 64, until: 48, asked: portal.TimesheetPartlyApproved, message: "Training of the morning shift.", reason: "The room was closed on this day."},
				{from: 33, until: 12, asked: portal.TimesheetSubmitted, message: "Training of the weekend team."},
				{from: 8, until: 1},
			},
		},
		{
			customer: "Minato Foods K.K.", name: "Drip bag line", rate: 11000, tax: standardTax,
			about: "Grind size, filling weight and shelf life for the new line.",
			tasks: []task{{name: "Trials", by: 0, often: 60, done: []string{"Grind at 620, 680 and 740 µm", "Nitrogen flush, oxygen measured", "Cupping after two weeks"}}},
			stints: []stint{
				{from: 150, until: 130, invoiced: true},
				{from: 40, until: 24, asked: portal.TimesheetApproved},
			},
		},
	}
}

func rimalProjects() []project {
	return []project{
		{
			customer: "Al Seef Medical Center", name: "Theatre air handling", rate: 18_500,
			about: "Balancing and validation of the four operating theatres. Work at night only.",
			tasks: []task{
				{name: "Balancing", by: 0, often: 60, done: []string{"Theatre 1, supply and return", "Theatre 2, pressure cascade to the corridor", "Dampers of the recovery room", "Night readings, all four theatres"}},
				{name: "Validation", rate: 22_500, by: 2, often: 40, done: []string{"Particle count at rest", "Smoke test, filmed", "Report for the Ministry"}},
				{name: "Permits", internal: true, by: 1, often: 20, done: []string{"Work permit with Mariam’s office"}},
			},
			stints: []stint{
				{from: 115, until: 95, asked: portal.TimesheetApproved, invoiced: true, message: "Theatres 1 and 2."},
				{from: 66, until: 50, asked: portal.TimesheetPartlyApproved, message: "Theatres 3 and 4.", reason: "The night shift had to send the team home."},
				{from: 32, until: 12, asked: portal.TimesheetSubmitted, message: "Validation of all four, with the report."},
				{from: 9, until: 1},
			},
		},
		{
			customer: "Marsa Tower Holding", name: "Energy survey, tower B", rate: 16_000,
			about: "Where the kilowatt hours go, floor by floor.",
			tasks: []task{{name: "Survey", by: 0, often: 65, done: []string{"Meters on floors 4 to 9", "Chilled water, flow and return", "Lighting after hours", "Draft of the report"}}},
			stints: []stint{
				{from: 140, until: 122, invoiced: true},
				{from: 36, until: 20, asked: portal.TimesheetRejected, reason: "Floors 4 and 5 were empty in these weeks. Please check the dates."},
			},
		},
	}
}
