package demo

import (
	"time"

	"countersign/portal"
)

// newYorkTax is New York City's sales tax, on goods; design work bears none.
const newYorkTax = "8.875"

// alder is a design studio in Brooklyn.
func alder() business {
	return business{
		slug: "alder-vane", name: "Alder & Vane", legal: "Alder & Vane Design Studio LLC",
		domain: "aldervane.example", mailbox: "billing", phone: "+1 718 555 0142",
		address:  portal.Address{Line1: "61 Greenpoint Avenue", Line2: "Suite 408", City: "Brooklyn", Region: "NY", PostalCode: "11222", Country: "US"},
		currency: "USD", zone: "America/New_York", locale: "en-US", accent: "#9a3f24",
		bank: "Alder & Vane Design Studio LLC\nFirst Harbor Bank, Brooklyn\nRouting 021000000\nAccount 4400 1827 36\nPlease put the invoice number in the memo.",
		banner: "You can now pay any number of invoices at once, and keep a card for the next time. " +
			"Questions about a bill? Priya answers at billing@aldervane.example, usually the same day.",
		terms:         "Payment is due by the date above. Work under way continues while an invoice is open; we pause it once one is 45 days late.",
		estimateTerms: "Prices hold until the date above. Half is invoiced on acceptance, unless agreed otherwise. Two rounds of revisions are included.",
		weekend:       [2]time.Weekday{time.Saturday, time.Sunday},
		holidays:      []string{"01-01", "07-04", "12-25"},
		first:         numbers{invoice: 1184, estimate: 236, receipt: 907, credit: 22},
		ipPrefix:      "203.0.113.", since: 9,
		staff: []person{
			{name: "Nora Alder", title: "Founder"},
			{name: "Priya Raman", title: "Studio manager"},
			{name: "Tomás Vane", title: "Creative director"},
		},
		jobs:      alderJobs(),
		customers: append(alderCustomers(), alderMoreCustomers()...),
		proposals: alderProposals(),
		projects:  alderProjects(),
		threads:   alderThreads(),
		reviews:   alderReviews(),
		letters:   alderLetters(),
		handovers: alderHandovers(),
		mark:      alderMark,
	}
}

func alderJobs() map[string]job {
	return map[string]job{
		"retainer": {title: "Product design retainer, {month}", lines: []item{
			one("Product design retainer, {month}: up to 40 hours", "month", 620000),
			hours("Hours beyond the retainer, agreed by email", 16500, 2, 9).sometimes(45),
			one("Usability sessions with five participants, recruiting included", "round", 185000).sometimes(20),
		}},
		"site": {title: "{project}: design and build", lines: []item{
			hours("Interface design, desktop and phone", 15500, 18, 46),
			hours("Front-end development of templates and components", 16500, 24, 60),
			hours("Content migration and proofreading", 9500, 4, 14).sometimes(70),
			one("Accessibility review against WCAG 2.2 AA", "review", 140000).sometimes(50),
		}},
		"care": {title: "Website care plan, {month}", lines: []item{
			one("Care plan: updates, monitoring, backups", "month", 48000),
			hours("Small changes on request", 13500, 1, 4).sometimes(60),
		}},
		"brand": {title: "{project}: identity", lines: []item{
			one("Discovery workshop, one day on site, two facilitators", "workshop", 380000),
			hours("Logotype, type and colour exploration, three directions", 16500, 20, 34),
			one("Brand guidelines, 48 pages, print and screen", "document", 420000),
		}},
		"campaign": {title: "{project}: campaign", lines: []item{
			hours("Concept and art direction", 17500, 10, 22),
			hours("Layout of print and digital formats", 13500, 12, 30),
			some("Stock photography licenses, worldwide, two years", "images", 24000, 3, 8),
			some("Printed posters, 24 × 36 in, 200 gsm, delivered", "pieces", 1150, 80, 300).taxed(newYorkTax),
		}},
		"print": {title: "{project}: print run", lines: []item{
			some("Folders, 4/4, soft-touch lamination", "pieces", 385, 250, 900).taxed(newYorkTax),
			some("Business cards, 600 gsm cotton, edge-painted, sets of 250", "sets", 21500, 2, 9).taxed(newYorkTax),
			one("Press check at the printer", "visit", 45000),
			one("Courier, Brooklyn to Manhattan", "delivery", 6500).taxed(newYorkTax),
		}},
		"packaging": {title: "{project}: packaging", lines: []item{
			hours("Structural design and dielines", 14500, 6, 16),
			hours("Artwork for each size", 13500, 10, 24),
			some("Prototypes, digitally printed, folded by hand", "pieces", 9500, 4, 12).taxed(newYorkTax),
		}},
		"research": {title: "{project}: user research", lines: []item{
			some("Moderated interviews, 60 minutes, remote", "sessions", 42000, 6, 12),
			some("Incentives paid to participants", "people", 10000, 6, 12),
			one("Report and readout with the team", "report", 290000),
		}},
		"audit": {title: "Accessibility audit of {project}", lines: []item{
			some("Manual testing with screen readers and keyboard", "templates", 32000, 6, 14),
			one("Report with findings by severity, and how to fix each", "report", 195000),
			hours("Working session with the developers", 16500, 2, 4),
		}},
		"booth": {title: "{project}: exhibition stand", lines: []item{
			one("Stand concept, plans and renderings", "concept", 520000),
			some("Back-lit fabric panels, 8 × 10 ft", "panels", 96000, 3, 6).taxed(newYorkTax),
			one("Build supervision on site, two days", "visit", 260000),
		}},
		"photo": {title: "{project}: photography", lines: []item{
			some("Shoot day with photographer and assistant", "days", 285000, 1, 2),
			hours("Retouching", 11000, 6, 18),
			one("Props and studio hire", "lump sum", 74000).sometimes(60),
		}},
		"motion": {title: "{project}: motion", lines: []item{
			hours("Storyboard and style frames", 15500, 8, 16),
			hours("Animation and sound", 17500, 18, 40),
		}},
	}
}

func alderCustomers() []customer {
	return []customer{
		{
			name: "Northbeam Logistics", domain: "northbeam.example", phone: "+1 973 555 0118", tax: "EIN 84-0000118", terms: 30,
			notes:   "Master services agreement renewed each January. Dana decides, Marcus pays.",
			address: portal.Address{Line1: "1 Gateway Center", Line2: "Floor 19", City: "Newark", Region: "NJ", PostalCode: "07102", Country: "US"},
			pays:    onTime, ways: "card saved card", bankDebit: true,
			contacts: []person{
				{name: "Dana Whitfield", title: "Head of Product", phone: "+1 973 555 0119", access: "active"},
				{name: "Marcus Oyelaran", title: "Accounts payable", phone: "+1 973 555 0120", access: "active", roles: "view pay"},
				{name: "Sofia Lindqvist", title: "Marketing director"},
			},
			work: []engagement{
				{job: "retainer", every: 1, from: 12, until: 3, on: 3},
				{job: "care", every: 1, from: 12, until: 3, on: 1},
				{job: "research", project: "Dispatcher console", from: 9, on: 18},
				{job: "site", project: "Carrier sign-up", from: 7, on: 22},
				{job: "audit", project: "the shipper portal", from: 5, on: 12},
			},
			open: []opening{
				{job: "site", project: "Rate calculator", ago: 68},
				{job: "retainer", ago: 46, part: 40},
				{job: "care", ago: 33},
				{job: "research", project: "Driver app", ago: 24},
				{job: "retainer", ago: 12},
				{job: "audit", project: "the driver app", ago: 4},
			},
			credits: []credit{
				{job: "research", nth: 1, percent: 10, after: 9, reason: "Two interview sessions were cancelled by us.", applied: true},
				{job: "retainer", nth: 9, percent: 25, after: 12, reason: "Retainer hours not used in a quiet month."},
			},
		},
		{
			name: "Hudson Oyster Company", domain: "hudsonoyster.example", phone: "+1 212 555 0177", terms: 15,
			address: portal.Address{Line1: "214 Pearl Street", City: "New York", Region: "NY", PostalCode: "10038", Country: "US"},
			pays:    early, ways: "card saved",
			contacts: []person{
				{name: "Gabriel Moreau", title: "Owner", access: "active"},
				{name: "Ines Carvalho", title: "Events"},
			},
			work: []engagement{
				{job: "care", every: 1, from: 12, on: 2},
				{job: "campaign", project: "Oyster month", every: 6, from: 10, on: 14},
				{job: "print", project: "Menus and cards", every: 4, from: 11, on: 9},
				{job: "photo", project: "Raw bar", from: 4, on: 20},
			},
		},
		{
			name: "Maple & Main Credit Union", domain: "mapleandmain.example", phone: "+1 518 555 0133", tax: "EIN 14-0000133", terms: 45,
			notes: "Purchase order on every invoice. Pays by ACH once a month.", reference: "Your purchase order MM-4471",
			address: portal.Address{Line1: "90 State Street", City: "Albany", Region: "NY", PostalCode: "12207", Country: "US"},
			pays:    monthly, ways: "bank_debit bank_transfer bank_debit", bankDebit: true,
			contacts: []person{
				{name: "Helen Kowalczyk", title: "VP Member Experience", access: "active"},
				{name: "Andre Baptiste", title: "Procurement", access: "active", roles: "view pay"},
				{name: "Ruth Feldman", title: "Compliance", access: "active", roles: "view"},
			},
			work: []engagement{
				{job: "retainer", every: 1, from: 12, on: 5},
				{job: "site", project: "Online branch", every: 2, from: 11, on: 19},
				{job: "audit", project: "the mortgage application", from: 6, on: 10},
				{job: "print", project: "Branch brochures", every: 5, from: 10, on: 24},
			},
		},
		{
			name: "Fieldnote Outdoor", domain: "fieldnote.example", phone: "+1 802 555 0164", terms: 30,
			address: portal.Address{Line1: "27 Pine Street", City: "Burlington", Region: "VT", PostalCode: "05401", Country: "US"},
			pays:    late, ways: "card check",
			contacts: []person{
				{name: "Josh Tremblay", title: "Brand manager", access: "active"},
				{name: "Emily Stark", title: "Finance", access: "active", roles: "pay view"},
			},
			work: []engagement{
				{job: "packaging", project: "Camp stove range", from: 11, on: 8},
				{job: "campaign", project: "Fall catalog", from: 8, on: 16},
				{job: "photo", project: "Ridge jackets", every: 3, from: 10, on: 12},
				{job: "care", every: 1, from: 12, on: 6},
			},
		},
		{
			name: "Brightwater Pediatrics", domain: "brightwaterkids.example", phone: "+1 718 555 0190", terms: 30,
			address: portal.Address{Line1: "455 Clinton Street", City: "Brooklyn", Region: "NY", PostalCode: "11231", Country: "US"},
			pays:    onTime, ways: "card saved check",
			contacts: []person{
				{name: "Angela Russo", title: "Practice manager", access: "active"},
				{name: "Leonard Weiss", title: "Physician"},
			},
			work: []engagement{
				{job: "care", every: 1, from: 12, on: 1},
				{job: "brand", project: "Brightwater", from: 9, on: 15},
				{job: "site", project: "Appointments online", every: 3, from: 8, on: 21},
			},
			open: []opening{{job: "site", project: "Portal for parents", ago: 27, declined: "insufficient_funds"}},
		},
		{
			name: "Tessellate Robotics", domain: "tessellate.example", phone: "+1 617 555 0125", tax: "EIN 47-0000125", terms: 30,
			address: portal.Address{Line1: "12 Drydock Avenue", City: "Boston", Region: "MA", PostalCode: "02210", Country: "US"},
			pays:    inParts, ways: "bank_transfer bank_debit", bankDebit: true,
			contacts: []person{
				{name: "Mei Chen", title: "Chief of staff", access: "active"},
				{name: "Owen Gallagher", title: "Controller", access: "active", roles: "view pay"},
				{name: "Farah Siddiqui", title: "Marketing"},
			},
			work: []engagement{
				{job: "booth", project: "Automate Detroit", from: 10, on: 6},
				{job: "motion", project: "Arm R2 launch film", from: 6, on: 17},
				{job: "retainer", every: 1, from: 9, on: 4},
				{job: "campaign", project: "Series C announcement", from: 3, on: 13},
			},
		},
		{
			name: "The Kestrel Hotel", domain: "kestrelhudson.example", phone: "+1 518 555 0107", terms: 14,
			address: portal.Address{Line1: "336 Warren Street", City: "Hudson", Region: "NY", PostalCode: "12534", Country: "US"},
			pays:    onTime, ways: "card",
			contacts: []person{{name: "Beatrice Lang", title: "General manager", access: "active"}},
			work: []engagement{
				{job: "care", every: 1, from: 12, on: 3},
				{job: "print", project: "Key cards and stationery", every: 3, from: 11, on: 18},
				{job: "photo", project: "Suites and garden", from: 5, on: 9},
			},
			open: []opening{{job: "campaign", project: "Winter weekends", ago: 18, declined: "expired_card"}},
		},
		{
			name: "Lumen & Loom", domain: "lumenloom.example", phone: "+1 401 555 0139", terms: 30,
			address: portal.Address{Line1: "60 Valley Street", Line2: "Mill Building 7", City: "Providence", Region: "RI", PostalCode: "02909", Country: "US"},
			pays:    late, ways: "check bank_transfer", stopped: 96,
			notes: "Promised to settle after their trade fair. Call Hal, don't write.",
			contacts: []person{
				{name: "Hal Bergstrom", title: "Owner", access: "active"},
				{name: "Cleo Dumont", title: "Bookkeeper", access: "expired"},
			},
			work: []engagement{
				{job: "packaging", project: "Linen gift boxes", every: 4, from: 12, on: 11},
				{job: "site", project: "Shop", every: 3, from: 10, on: 23},
				{job: "care", every: 1, from: 12, on: 7},
			},
		},
	}
}

func alderMoreCustomers() []customer {
	return []customer{
		{
			name: "Sable Street Theater", domain: "sablestreet.example", phone: "+1 212 555 0111", tax: "NY exempt 2210044", terms: 60, discount: "15",
			notes:   "Nonprofit rate: 15 % on everything.",
			address: portal.Address{Line1: "18 Sable Street", City: "New York", Region: "NY", PostalCode: "10013", Country: "US"},
			pays:    onTime, ways: "check card",
			contacts: []person{
				{name: "Imani Brooks", title: "Managing director", access: "active"},
				{name: "Peter Novak", title: "Development", access: "active", roles: "view approve"},
				{name: "Yuki Arai", title: "Box office"},
				{name: "Stella Fontaine", title: "Artistic director"},
			},
			work: []engagement{
				{job: "campaign", project: "Season opening", from: 11, on: 10},
				{job: "campaign", project: "Spring premieres", from: 5, on: 12},
				{job: "print", project: "Programs", every: 2, from: 12, on: 20},
			},
		},
		{
			name: "Greenline Transit Advocates", domain: "greenlinenyc.example", phone: "+1 646 555 0188", terms: 30, discount: "10",
			address: portal.Address{Line1: "325 Hudson Street", City: "New York", Region: "NY", PostalCode: "10013", Country: "US"},
			pays:    early, ways: "card bank_transfer",
			contacts: []person{
				{name: "Rafael Ortiz", title: "Executive director", access: "active"},
				{name: "Nadia Haddad", title: "Operations", access: "withdrawn"},
			},
			work: []engagement{
				{job: "campaign", project: "Better buses", every: 5, from: 11, on: 17},
				{job: "research", project: "Rider survey", from: 7, on: 8},
				{job: "care", every: 1, from: 12, on: 2},
			},
		},
		{
			name: "Orchard Park Schools Foundation", domain: "orchardparkschools.example", phone: "+1 716 555 0155", terms: 45,
			address:  portal.Address{Line1: "6600 Webster Road", City: "Orchard Park", Region: "NY", PostalCode: "14127", Country: "US"},
			shipping: portal.Address{Line1: "6600 Webster Road", Line2: "Loading dock C", City: "Orchard Park", Region: "NY", PostalCode: "14127", Country: "US"},
			pays:     monthly, ways: "check",
			contacts: []person{
				{name: "Carol Jablonski", title: "Treasurer", access: "active"},
				{name: "Dwayne Pruitt", title: "Chair"},
			},
			work: []engagement{
				{job: "print", project: "Annual report", from: 10, on: 14},
				{job: "campaign", project: "Scholarship gala", from: 7, on: 11},
				{job: "care", every: 2, from: 12, on: 5},
			},
		},
		{
			name: "Copperfield Coffee Bars", domain: "copperfield.example", phone: "+1 347 555 0102", terms: 14,
			address: portal.Address{Line1: "88 Court Street", City: "Brooklyn", Region: "NY", PostalCode: "11201", Country: "US"},
			pays:    early, ways: "saved card",
			contacts: []person{
				{name: "Lucas Ferreira", title: "Co-founder", access: "active"},
				{name: "Hannah Pell", title: "Store design", access: "active", roles: "view approve"},
			},
			work: []engagement{
				{job: "packaging", project: "Cups and sleeves", every: 4, from: 12, on: 9},
				{job: "print", project: "Window graphics", every: 3, from: 11, on: 22},
				{job: "photo", project: "New bars", every: 5, from: 9, on: 15},
			},
			credits: []credit{{job: "packaging", nth: 2, percent: 18, after: 6, reason: "80 sleeves were printed in the wrong green.", applied: true}},
		},
		{
			name: "Halden Architects", domain: "haldenarch.example", phone: "+1 212 555 0144", terms: 30,
			address: portal.Address{Line1: "40 Worth Street", Line2: "Floor 6", City: "New York", Region: "NY", PostalCode: "10013", Country: "US"},
			pays:    late, ways: "bank_transfer check",
			contacts: []person{
				{name: "Erik Halden", title: "Principal", access: "active"},
				{name: "Joan Petrakis", title: "Office manager", access: "invite"},
			},
			work: []engagement{
				{job: "brand", project: "Halden", from: 12, on: 13},
				{job: "site", project: "Portfolio", every: 4, from: 10, on: 7},
				{job: "photo", project: "Pier 42 pavilion", from: 3, on: 19},
			},
		},
		{
			name: "Pinewood Analytics", domain: "pinewood.example", phone: "+1 415 555 0173", tax: "EIN 83-0000173", terms: 30,
			address: portal.Address{Line1: "655 Bryant Street", City: "San Francisco", Region: "CA", PostalCode: "94107", Country: "US"},
			pays:    onTime, ways: "saved bank_debit", bankDebit: true,
			contacts: []person{
				{name: "Vikram Nair", title: "VP Design", access: "active"},
				{name: "Claire Duvall", title: "Finance operations", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "retainer", every: 1, from: 12, on: 6},
				{job: "research", project: "Query builder", every: 5, from: 10, on: 21},
				{job: "motion", project: "Product tour", from: 2, on: 16},
			},
		},
		{
			name: "Quarry Road Brewing", domain: "quarryroad.example", phone: "+1 845 555 0116", terms: 30,
			address: portal.Address{Line1: "14 Quarry Road", City: "Beacon", Region: "NY", PostalCode: "12508", Country: "US"},
			pays:    inParts, ways: "check card", stopped: 52,
			contacts: []person{
				{name: "Sam Dietrich", title: "Brewer and owner", access: "active"},
				{name: "Annie Dietrich", title: "Books"},
			},
			work: []engagement{
				{job: "packaging", project: "Four-packs", every: 3, from: 12, on: 16},
				{job: "campaign", project: "Tap room", every: 6, from: 9, on: 25},
			},
		},
		{
			name: "Mercer Legal Group", domain: "mercerlegal.example", phone: "+1 212 555 0161", terms: 30,
			address: portal.Address{Line1: "100 Church Street", Line2: "Suite 830", City: "New York", Region: "NY", PostalCode: "10007", Country: "US"},
			pays:    onTime, ways: "bank_transfer card",
			contacts: []person{
				{name: "Diane Mercer", title: "Managing partner", access: "active"},
				{name: "Colin Ashby", title: "Marketing", access: "active", roles: "view approve"},
				{name: "Teresa Lim", title: "Accounts", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "site", project: "mercerlegal.example", every: 3, from: 12, on: 18},
				{job: "care", every: 1, from: 11, on: 4},
				{job: "print", project: "Stationery", every: 6, from: 10, on: 27},
			},
			credits: []credit{{job: "site", nth: 2, percent: 30, after: 14, reason: "Template work that was billed twice."}},
		},
	}
}

func alderProposals() []proposal {
	return []proposal{
		{customer: "Northbeam Logistics", title: "Driver app, second release", sent: 0, valid: 18, outcome: waiting, deposit: "30", notes: "As discussed on Tuesday: offline mode first, then the redesign of load matching.", lines: []item{
			exactly(96, "Interface design for iOS and Android", "hours", 15500),
			exactly(5, "Moderated test sessions with drivers at the Secaucus yard", "sessions", 52000),
			one("Design tokens and component library, handed over in code", "delivery", 680000),
		}},
		{customer: "Northbeam Logistics", title: "Annual report for customers", sent: 0, valid: 5, outcome: waiting, notes: "If the numbers reach us by the end of the month, print is ready for the roadshow.", lines: []item{
			exactly(38, "Editorial design, 32 pages", "hours", 14500),
			one("Data graphics, twelve", "set", 310000),
			exactly(600, "Print, 170 gsm uncoated, perfect bound", "copies", 1240).taxed(newYorkTax),
		}},
		{customer: "Northbeam Logistics", title: "Carrier sign-up, redesign", sent: 230, valid: 30, outcome: accepted, after: 6, invoiced: 0, lines: []item{
			exactly(64, "Interface design", "hours", 15500), exactly(48, "Front-end development", "hours", 16500),
		}},
		{customer: "Northbeam Logistics", title: "Conference stand, Long Beach", sent: 120, valid: 21, outcome: declined, after: 9, reason: "We decided not to exhibit this year. Let's talk again for the next one.", lines: []item{
			one("Stand concept, plans and renderings", "concept", 520000), exactly(4, "Back-lit fabric panels, 8 × 10 ft", "panels", 96000).taxed(newYorkTax),
		}},
		{customer: "Maple & Main Credit Union", title: "Mortgage application, redesign", sent: 96, valid: 45, outcome: declined, after: 12, reason: "Over this year's budget. Could you leave the Spanish version for a second phase?", discount: "", lines: []item{
			exactly(120, "Interface design for the nine steps", "hours", 15500),
			exactly(10, "Usability sessions with members, two branches", "sessions", 46000),
			exactly(52, "Spanish version, with legal review", "hours", 14500),
		}, revised: &revision{after: 6, notes: "Without the Spanish version, as you asked. We keep the structure ready for it.", without: 1, outcome: accepted, decided: 8}, invoiced: 21},
		{customer: "Tessellate Robotics", title: "Launch of Arm R3", sent: 60, valid: 30, outcome: replaced, after: 4, lines: []item{
			exactly(72, "Launch film, 90 seconds, storyboard to final mix", "hours", 17500),
			one("Press kit with photography", "kit", 540000),
			exactly(24, "Landing page", "hours", 16500),
		}, revised: &revision{after: 0, notes: "New date of the launch, and the landing page in two languages.", discount: "5", outcome: accepted, decided: 5}, invoiced: 12},
		{customer: "Fieldnote Outdoor", title: "Sleeping bags: packaging", sent: 150, valid: 30, outcome: expired, lines: []item{
			exactly(18, "Structural design and dielines", "hours", 14500), exactly(26, "Artwork for three sizes", "hours", 13500),
		}},
		{customer: "Hudson Oyster Company", title: "Second restaurant: signs and menus", sent: 75, valid: 21, outcome: accepted, after: 3, invoiced: 15, lines: []item{
			exactly(30, "Identity of the second house", "hours", 16500), exactly(2, "Blade signs, enamelled steel, installed", "signs", 285000).taxed(newYorkTax), exactly(120, "Menus, letterpress", "pieces", 1450).taxed(newYorkTax),
		}},
		{customer: "The Kestrel Hotel", title: "Booking pages", sent: 41, valid: 30, outcome: expired, lines: []item{
			exactly(28, "Design of the booking pages", "hours", 15500), exactly(36, "Front-end development", "hours", 16500),
		}},
		{customer: "Pinewood Analytics", title: "Design system audit", sent: 33, valid: 30, outcome: accepted, after: 2, invoiced: 10, lines: []item{
			one("Inventory of components in four products", "audit", 740000), exactly(16, "Workshops with the front-end team", "hours", 16500),
		}},
		{customer: "Halden Architects", title: "Monograph, 160 pages", sent: 58, valid: 30, outcome: declined, after: 20, reason: "Our partners prefer to print in Italy.", lines: []item{
			exactly(90, "Book design", "hours", 14500), exactly(500, "Print and binding, sewn", "copies", 2980).taxed(newYorkTax),
		}, revised: &revision{after: 11, notes: "Design only; you print where you like.", without: 1, outcome: drafted}},
		{customer: "Sable Street Theater", title: "New website with ticketing", sent: 25, valid: 45, outcome: withdrawn, after: 6, discount: "15", lines: []item{
			exactly(70, "Design and build", "hours", 15500), one("Connection to the box office's system", "integration", 460000),
		}},
		{customer: "Greenline Transit Advocates", title: "Bus lanes, explained in a minute", sent: 0, valid: 25, outcome: waiting, discount: "10", lines: []item{
			exactly(14, "Script and storyboard", "hours", 15500), exactly(36, "Animation, sound and voice in English and Spanish", "hours", 17500),
		}},
		{customer: "Brightwater Pediatrics", title: "Waiting room murals", valid: 30, outcome: drafted, lines: []item{
			exactly(3, "Illustrated wall, painted on site", "walls", 340000), exactly(12, "Sketches and colour samples", "hours", 14500),
		}},
		{customer: "Copperfield Coffee Bars", title: "Holiday cups", valid: 21, outcome: drafted, lines: []item{
			exactly(16, "Illustration and artwork, three sizes", "hours", 13500), exactly(6, "Printed prototypes", "pieces", 9500).taxed(newYorkTax),
		}},
		{customer: "Greenline Transit Advocates", title: "Map of night buses", sent: 190, valid: 30, outcome: accepted, after: 11, invoiced: 18, discount: "10", lines: []item{
			exactly(44, "Cartography and design", "hours", 14500), exactly(5000, "Folded maps, 4/4", "pieces", 62).taxed(newYorkTax),
		}},
		{customer: "Quarry Road Brewing", title: "Delivery van lettering", sent: 140, valid: 20, outcome: declined, after: 15, by: 0, reason: "", lines: []item{
			exactly(8, "Design and templates", "hours", 13500), one("Vinyl wrap, installed", "van", 295000).taxed(newYorkTax),
		}},
	}
}
