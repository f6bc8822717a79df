package demo

import (
	"time"

	"countersign/portal"
)

// Japan's consumption tax: food to take away has the reduced rate.
const (
	foodTax     = "8"
	standardTax = "10"
)

// sumire is a coffee roaster in Tokyo that sells to cafés, hotels and offices.
func sumire() business {
	return business{
		slug: "sumire-coffee", name: "Sumire Coffee Roasters", legal: "Sumire Coffee K.K.",
		domain: "sumirecoffee.example", mailbox: "keiri", phone: "+81 3 5555 0148",
		address:  portal.Address{Line1: "2-14-6 Kiyosumi", City: "Koto-ku", Region: "Tokyo", PostalCode: "135-0024", Country: "JP"},
		currency: "JPY", zone: "Asia/Tokyo", locale: "ja-JP", accent: "#5b3f8c",
		bank: "Sumire Coffee K.K. (スミレコーヒー カ)\nHanzomon Bank, Fukagawa branch (204)\nOrdinary account 0173342\nTransfer fees are borne by the payer.",
		banner: "Deliveries ordered by Tuesday noon are roasted on Wednesday and arrive on Thursday. " +
			"Over Golden Week, Obon and New Year please order a week ahead.",
		terms:         "Registered invoice issuer T4010600000142. Items at the reduced rate of 8 % are food and drink.",
		estimateTerms: "Prices of green coffee change; ours hold until the date above. Delivery within Tokyo's 23 wards is included.",
		weekend:       [2]time.Weekday{time.Saturday, time.Sunday},
		holidays:      []string{"01-01", "01-02", "01-03", "05-03", "05-04", "05-05", "12-31"},
		first:         numbers{invoice: 3402, estimate: 141, receipt: 2210, credit: 58},
		ipPrefix:      "198.51.100.", since: 11,
		staff: []person{
			{name: "Haruka Mori", title: "Owner and head roaster"},
			{name: "Kenji Sakamoto", title: "Accounts"},
			{name: "Emi Tachibana", title: "Wholesale"},
		},
		jobs:      sumireJobs(),
		customers: append(sumireCustomers(), sumireMoreCustomers()...),
		proposals: sumireProposals(),
		projects:  sumireProjects(),
		threads:   sumireThreads(),
		reviews:   sumireReviews(),
		letters:   sumireLetters(),
		handovers: sumireHandovers(),
		mark:      sumireMark,
	}
}

func sumireJobs() map[string]job {
	return map[string]job{
		"beans": {title: "Coffee deliveries, {month}", lines: []item{
			some("Kiyosumi Blend, whole bean", "kg", 2850, 12, 46).taxed(foodTax),
			some("Ethiopia Guji, washed, light roast", "kg", 3900, 4, 16).taxed(foodTax).sometimes(75),
			some("Decaf Colombia, medium roast", "kg", 3600, 2, 8).taxed(foodTax).sometimes(50),
			some("Cold brew packs, 70 g", "packs", 320, 40, 160).taxed(foodTax).sometimes(35),
		}},
		"espresso": {title: "Espresso and supplies, {month}", lines: []item{
			some("Fukagawa Espresso, whole bean", "kg", 2980, 18, 60).taxed(foodTax),
			some("Oat milk, 1 L", "cartons", 340, 24, 96).taxed(foodTax),
			some("Paper cups, 240 ml, with lids", "sleeves", 780, 10, 40).taxed(standardTax).sometimes(60),
			one("Delivery by cool van", "delivery", 1800).taxed(standardTax).sometimes(40),
		}},
		"office": {title: "Office coffee, {month}", lines: []item{
			one("Machine on loan with weekly cleaning", "month", 38000).taxed(standardTax),
			some("Office Blend, 500 g", "bags", 1480, 20, 64).taxed(foodTax),
			some("Tea assortment, 50 sachets", "boxes", 1950, 2, 6).taxed(foodTax).sometimes(55),
		}},
		"machine": {title: "{project}: espresso machine", lines: []item{
			one("Two-group espresso machine, refurbished, one year's warranty", "machine", 1280000).taxed(standardTax),
			one("Grinder, flat burrs 83 mm", "grinder", 228000).taxed(standardTax),
			one("Installation, water filter and first calibration", "visit", 64000).taxed(standardTax),
		}},
		"service": {title: "Machine service, {project}", lines: []item{
			one("Half-yearly service: gaskets, valves, descaling", "visit", 42000).taxed(standardTax),
			some("Parts: group gaskets and shower screens", "sets", 4600, 1, 4).taxed(standardTax),
			one("Grinder burrs, pair, fitted", "pair", 28500).taxed(standardTax).sometimes(40),
		}},
		"training": {title: "{project}: barista training", lines: []item{
			some("Barista training at our roastery, half a day", "people", 16500, 2, 8).taxed(standardTax),
			one("Coffee for practice", "lot", 9800).taxed(foodTax),
		}},
		"gifts": {title: "{project}: gift sets", lines: []item{
			some("Gift set of three, 100 g each, wrapped", "sets", 3240, 40, 260).taxed(foodTax),
			some("Message card, printed with your logo", "cards", 120, 40, 260).taxed(standardTax),
			some("Delivery to separate addresses", "parcels", 880, 10, 90).taxed(standardTax).sometimes(60),
		}},
		"blend": {title: "{project}: house blend", lines: []item{
			one("Development of a house blend, three rounds of cupping", "blend", 165000).taxed(standardTax),
			some("First roast, whole bean", "kg", 3150, 20, 60).taxed(foodTax),
			some("Bags with your label, 200 g", "bags", 95, 200, 600).taxed(standardTax),
		}},
		"event": {title: "{project}: coffee bar", lines: []item{
			some("Coffee bar with two baristas", "days", 128000, 1, 3).taxed(standardTax),
			some("Drinks served", "cups", 420, 150, 700).taxed(standardTax),
			one("Transport and set-up", "lump sum", 36000).taxed(standardTax),
		}},
	}
}

func sumireCustomers() []customer {
	return []customer{
		{
			name: "Hotel Kasumi Ginza", domain: "kasumi-ginza.example", phone: "+81 3 5555 0160", tax: "T7010000000160", terms: 30,
			notes:   "ホテル霞銀座。Two accounts: lobby lounge and breakfast. One invoice each.",
			address: portal.Address{Line1: "5-3-9 Ginza", City: "Chuo-ku", Region: "Tokyo", PostalCode: "104-0061", Country: "JP"},
			pays:    onTime, ways: "card saved",
			contacts: []person{
				{name: "Naoko Ishida", title: "Food and beverage manager", phone: "+81 3 5555 0161", access: "active"},
				{name: "Takeshi Ono", title: "Accounting", phone: "+81 3 5555 0162", access: "active", roles: "view pay"},
				{name: "Claire Bernard", title: "Executive chef"},
			},
			work: []engagement{
				{job: "espresso", every: 1, from: 12, until: 3, on: 28},
				{job: "beans", every: 1, from: 12, until: 3, on: 27},
				{job: "training", project: "Lounge team", every: 5, from: 11, until: 3, on: 15},
				{job: "service", project: "lobby lounge", every: 6, from: 10, until: 3, on: 9},
				{job: "blend", project: "Kasumi", from: 8, on: 12},
			},
			open: []opening{
				{job: "training", project: "Breakfast team", ago: 71},
				{job: "beans", ago: 43, part: 50},
				{job: "espresso", ago: 34},
				{job: "service", project: "breakfast room", ago: 22},
				{job: "gifts", project: "Return guests", ago: 13},
				{job: "beans", ago: 3},
			},
			credits: []credit{
				{job: "beans", nth: 2, percent: 8, after: 5, reason: "Four bags arrived open.", applied: true},
				{job: "beans", nth: 8, percent: 20, after: 8, reason: "Guji out of stock: replaced by the blend at its own price."},
			},
		},
		{
			name: "Café Tsubame", domain: "tsubame.example", phone: "+81 3 5555 0103", tax: "T3010000000103", terms: 30,
			address: portal.Address{Line1: "1-8-4 Kuramae", City: "Taito-ku", Region: "Tokyo", PostalCode: "111-0051", Country: "JP"},
			pays:    monthly, ways: "bank_transfer", notes: "喫茶つばめ。Orders by fax.",
			contacts: []person{{name: "Yoshiko Hara", title: "Owner", access: "active"}},
			work: []engagement{
				{job: "beans", every: 1, from: 12, on: 25},
				{job: "service", project: "Kuramae", every: 6, from: 9, on: 11},
			},
		},
		{
			name: "Minato Foods K.K.", domain: "minatofoods.example", phone: "+81 3 5555 0175", tax: "T1010000000175", terms: 60,
			address:  portal.Address{Line1: "3-12-1 Shibaura", City: "Minato-ku", Region: "Tokyo", PostalCode: "108-0023", Country: "JP"},
			shipping: portal.Address{Line1: "Oi Distribution Centre, Dock 14", City: "Shinagawa-ku", Region: "Tokyo", PostalCode: "140-0012", Country: "JP"},
			pays:     monthly, ways: "bank_transfer", notes: "Closes on the 20th, pays in the following month.", reference: "Vendor code 30188",
			contacts: []person{
				{name: "Hiroshi Nakagawa", title: "Purchasing", access: "active"},
				{name: "Ayumi Kondo", title: "Accounting", access: "active", roles: "view pay"},
				{name: "Ryo Maeda", title: "Quality", access: "active", roles: "view"},
			},
			work: []engagement{
				{job: "beans", every: 1, from: 12, on: 20},
				{job: "gifts", project: "Summer gifts", from: 7, on: 18},
				{job: "gifts", project: "Year-end gifts", from: 1, on: 17},
				{job: "espresso", every: 1, from: 12, on: 20},
			},
		},
		{
			name: "Studio Kawanami", domain: "kawanami.example", phone: "+81 3 5555 0129", terms: 14,
			address: portal.Address{Line1: "4-20-3 Ebisu", Line2: "Atelier 2F", City: "Shibuya-ku", Region: "Tokyo", PostalCode: "150-0013", Country: "JP"},
			pays:    early, ways: "saved card",
			contacts: []person{
				{name: "Jun Kawanami", title: "Architect", access: "active"},
				{name: "Mika Ueda", title: "Studio manager", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "office", every: 1, from: 12, on: 3},
				{job: "event", project: "Open house", from: 6, on: 21},
			},
		},
		{
			name: "Blue Lantern Books", domain: "bluelantern.example", phone: "+81 3 5555 0151", tax: "T9010000000151", terms: 30,
			address: portal.Address{Line1: "1-6-2 Kanda Jimbocho", City: "Chiyoda-ku", Region: "Tokyo", PostalCode: "101-0051", Country: "JP"},
			pays:    late, ways: "bank_transfer card",
			contacts: []person{
				{name: "Akira Sawada", title: "Owner", access: "active"},
				{name: "Rei Sawada", title: "Café", access: "invite"},
			},
			work: []engagement{
				{job: "beans", every: 1, from: 12, on: 26},
				{job: "machine", project: "Reading room", from: 10, on: 13},
				{job: "training", project: "Weekend staff", from: 9, on: 17},
			},
			open: []opening{{job: "machine", project: "Second counter", ago: 21, declined: "insufficient_funds"}},
		},
		{
			name: "Asagiri Ryokan", domain: "asagiri.example", phone: "+81 460 55 0117", tax: "T5021000000117", terms: 30,
			address: portal.Address{Line1: "612 Miyanoshita", City: "Hakone-machi", Region: "Kanagawa", PostalCode: "250-0404", Country: "JP"},
			pays:    onTime, ways: "bank_transfer saved",
			contacts: []person{
				{name: "Fumiko Asagiri", title: "Okami", access: "active"},
				{name: "Shota Asagiri", title: "Manager", access: "active"},
			},
			work: []engagement{
				{job: "beans", every: 1, from: 12, on: 24},
				{job: "gifts", project: "In-room sets", every: 3, from: 11, on: 10},
			},
			credits: []credit{{job: "beans", nth: 5, percent: 12, after: 7, reason: "Delivered two days late over the long weekend.", applied: true}},
		},
		{
			name: "Parallel Works Inc.", domain: "parallelworks.example", phone: "+81 3 5555 0183", tax: "T2011000000183", terms: 30,
			address: portal.Address{Line1: "2-24-12 Shibuya", Line2: "39F", City: "Shibuya-ku", Region: "Tokyo", PostalCode: "150-6139", Country: "JP"},
			pays:    onTime, ways: "saved card bank_transfer",
			contacts: []person{
				{name: "Daniel Kim", title: "Workplace", access: "active"},
				{name: "Saori Fujita", title: "Finance", access: "active", roles: "view pay"},
				{name: "Anna Schulz", title: "People"},
			},
			work: []engagement{
				{job: "office", every: 1, from: 12, on: 2},
				{job: "event", project: "Family day", from: 8, on: 6},
				{job: "gifts", project: "New joiners", every: 2, from: 11, on: 14},
			},
		},
		{
			name: "Haneda Sky Lounge", domain: "skylounge.example", phone: "+81 3 5555 0196", tax: "T8010000000196", terms: 45,
			address: portal.Address{Line1: "3-3-2 Haneda Airport", Line2: "Terminal 1, 4F", City: "Ota-ku", Region: "Tokyo", PostalCode: "144-0041", Country: "JP"},
			pays:    inParts, ways: "bank_transfer",
			contacts: []person{
				{name: "Masato Kubo", title: "Operations", access: "active"},
				{name: "Chie Nomura", title: "Accounts payable", access: "expired"},
			},
			work: []engagement{
				{job: "espresso", every: 1, from: 12, on: 29},
				{job: "service", project: "departures bar", every: 4, from: 10, on: 8},
			},
		},
	}
}

func sumireMoreCustomers() []customer {
	return []customer{
		{
			name: "Komorebi Bakery", domain: "komorebi.example", phone: "+81 42 555 0137", terms: 30,
			address: portal.Address{Line1: "1-15-7 Kichijoji Honcho", City: "Musashino", Region: "Tokyo", PostalCode: "180-0004", Country: "JP"},
			pays:    late, ways: "card bank_transfer", stopped: 84, notes: "木漏れ日ベーカリー。Rebuilding after the fire: be patient, deliver against what is paid.",
			contacts: []person{{name: "Kaori Endo", title: "Baker and owner", access: "active"}},
			work: []engagement{
				{job: "beans", every: 1, from: 12, on: 23},
				{job: "training", project: "Morning shift", from: 6, on: 12},
			},
		},
		{
			name: "Yanaka Clinic", domain: "yanakaclinic.example", phone: "+81 3 5555 0112", terms: 30,
			address: portal.Address{Line1: "3-7-11 Yanaka", City: "Taito-ku", Region: "Tokyo", PostalCode: "110-0001", Country: "JP"},
			pays:    onTime, ways: "card",
			contacts: []person{{name: "Tomoko Wada", title: "Office", access: "active"}},
			work:     []engagement{{job: "office", every: 1, from: 12, on: 4}},
			open:     []opening{{job: "service", project: "waiting room", ago: 26, declined: "expired_card"}},
		},
		{
			name: "Umi no Ie Zushi", domain: "uminoie.example", phone: "+81 46 555 0108", terms: 30,
			address: portal.Address{Line1: "2-4-1 Shinjuku", City: "Zushi", Region: "Kanagawa", PostalCode: "249-0007", Country: "JP"},
			pays:    early, ways: "card",
			contacts: []person{
				{name: "Daiki Morita", title: "Owner", access: "active"},
				{name: "Sakura Morita", title: "Bar"},
			},
			work: []engagement{
				{job: "espresso", every: 1, from: 9, until: 4, on: 15},
				{job: "event", project: "Beach cinema", from: 6, on: 28},
			},
		},
		{
			name: "Kitsune Records", domain: "kitsunerecords.example", phone: "+81 3 5555 0144", terms: 14,
			address: portal.Address{Line1: "2-33-4 Daizawa", City: "Setagaya-ku", Region: "Tokyo", PostalCode: "155-0032", Country: "JP"},
			pays:    late, ways: "card saved",
			contacts: []person{
				{name: "Taro Onishi", title: "Label", access: "active"},
				{name: "Nana Abe", title: "Events", access: "withdrawn"},
			},
			work: []engagement{
				{job: "office", every: 2, from: 12, on: 5},
				{job: "event", project: "Listening night", every: 3, from: 11, on: 22},
			},
		},
		{
			name: "Meridian School Tokyo", domain: "meridianschool.example", phone: "+81 3 5555 0169", tax: "T6010000000169", terms: 30, discount: "5",
			address: portal.Address{Line1: "1-2-9 Kami-Osaki", City: "Shinagawa-ku", Region: "Tokyo", PostalCode: "141-0021", Country: "JP"},
			pays:    monthly, ways: "bank_transfer card",
			contacts: []person{
				{name: "Helen Carter", title: "Bursar", access: "active"},
				{name: "Kazuo Hirata", title: "Facilities", access: "active", roles: "view approve"},
				{name: "Mark Evans", title: "Head of school"},
				{name: "Eriko Sano", title: "Accounts", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "office", every: 1, from: 12, on: 6},
				{job: "event", project: "Sports day", from: 7, on: 13},
				{job: "service", project: "staff room", every: 6, from: 8, on: 19},
			},
			credits: []credit{{job: "office", nth: 7, percent: 40, after: 10, reason: "Machine out of order for twelve days."}},
		},
		{
			name: "Fuyuki Gallery", domain: "fuyuki.example", phone: "+81 3 5555 0186", terms: 30,
			address: portal.Address{Line1: "6-6-9 Roppongi", City: "Minato-ku", Region: "Tokyo", PostalCode: "106-0032", Country: "JP"},
			pays:    early, ways: "saved",
			contacts: []person{
				{name: "Hinako Fuyuki", title: "Director", access: "active"},
				{name: "Leo Martin", title: "Registrar"},
			},
			work: []engagement{
				{job: "event", project: "Opening reception", every: 2, from: 12, on: 16},
				{job: "office", every: 1, from: 12, on: 7},
			},
		},
		{
			name: "Sanroku Outdoor", domain: "sanroku.example", phone: "+81 261 55 0121", terms: 30,
			address: portal.Address{Line1: "5713 Hokujo", City: "Hakuba", Region: "Nagano", PostalCode: "399-9301", Country: "JP"},
			pays:    inParts, ways: "bank_transfer card",
			contacts: []person{{name: "Kota Shimizu", title: "Buyer", access: "active"}},
			work: []engagement{
				{job: "blend", project: "Summit", from: 11, on: 19},
				{job: "beans", every: 2, from: 10, on: 12},
				{job: "gifts", project: "Trail mugs and beans", from: 4, on: 9},
			},
		},
	}
}

func sumireProposals() []proposal {
	return []proposal{
		{customer: "Hotel Kasumi Ginza", title: "New espresso bar in the lobby", sent: 0, valid: 21, outcome: waiting, notes: "Three-group machine as shown at the roastery. We take the old one back.", lines: []item{
			one("Three-group espresso machine, new, two years' warranty", "machine", 2480000).taxed(standardTax),
			exactly(2, "Grinder, flat burrs 83 mm", "grinders", 228000).taxed(standardTax),
			exactly(6, "Training of the lounge team, half a day", "people", 16500).taxed(standardTax),
		}},
		{customer: "Hotel Kasumi Ginza", title: "Wedding season gifts", sent: 0, valid: 6, outcome: waiting, notes: "Wrapped in furoshiki, with the couple's names on the card.", lines: []item{
			exactly(180, "Gift set of three, 100 g each, in furoshiki", "sets", 4120).taxed(foodTax),
			exactly(180, "Message card, letterpress", "cards", 180).taxed(standardTax),
		}},
		{customer: "Hotel Kasumi Ginza", title: "Kasumi house blend", sent: 255, valid: 30, outcome: accepted, after: 9, lines: []item{
			one("Development of a house blend, three rounds of cupping", "blend", 165000).taxed(standardTax), exactly(40, "First roast, whole bean", "kg", 3150).taxed(foodTax),
		}},
		{customer: "Hotel Kasumi Ginza", title: "Cold brew on tap", sent: 110, valid: 30, outcome: declined, after: 14, reason: "The chef would like to taste the nitro version first.", lines: []item{
			one("Tap tower with cooling, two lines", "tower", 386000).taxed(standardTax), exactly(60, "Cold brew concentrate", "litres", 1450).taxed(foodTax),
		}},
		{customer: "Minato Foods K.K.", title: "Drip bags under your label", sent: 88, valid: 45, outcome: declined, after: 16, reason: "The unit price is above our target of 80 yen. Please reconsider at 20,000 pieces.", lines: []item{
			exactly(12000, "Drip bags, 10 g, nitrogen-flushed", "bags", 92).taxed(foodTax), one("Printing plates", "set", 148000).taxed(standardTax), one("Shelf-life test", "test", 96000).taxed(standardTax),
		}, revised: &revision{after: 9, notes: "For 20,000 pieces, with the shelf-life test on us.", discount: "12", without: 1, outcome: accepted, decided: 11}, invoiced: 20},
		{customer: "Parallel Works Inc.", title: "Second machine on the 38th floor", sent: 64, valid: 30, outcome: replaced, after: 5, lines: []item{
			one("Two-group espresso machine, refurbished, one year's warranty", "machine", 1280000).taxed(standardTax), one("Installation and water filter", "visit", 64000).taxed(standardTax), exactly(4, "Barista training", "people", 16500).taxed(standardTax),
		}, revised: &revision{after: 0, notes: "With the quieter grinder that you asked for.", outcome: accepted, decided: 6}, invoiced: 9},
		{customer: "Café Tsubame", title: "Siphon bar", sent: 160, valid: 30, outcome: expired, lines: []item{
			exactly(4, "Halogen siphon stands", "stands", 68000).taxed(standardTax), one("Training on site, one day", "day", 58000).taxed(standardTax),
		}},
		{customer: "Asagiri Ryokan", title: "Coffee in every room", sent: 70, valid: 21, outcome: accepted, after: 4, invoiced: 12, lines: []item{
			exactly(28, "Hand mill and dripper set, boxed", "sets", 7400).taxed(standardTax), exactly(560, "Single portions, 12 g", "bags", 145).taxed(foodTax),
		}},
		{customer: "Haneda Sky Lounge", title: "Night menu", sent: 39, valid: 28, outcome: expired, lines: []item{
			one("Menu development with your bar team", "project", 240000).taxed(standardTax), exactly(30, "Decaf espresso, whole bean", "kg", 3600).taxed(foodTax),
		}},
		{customer: "Studio Kawanami", title: "Coffee for the site office in Nasu", sent: 30, valid: 30, outcome: accepted, after: 1, invoiced: 8, lines: []item{
			one("Machine on loan, six months", "loan", 168000).taxed(standardTax), exactly(48, "Office Blend, 500 g", "bags", 1480).taxed(foodTax),
		}},
		{customer: "Meridian School Tokyo", title: "Canteen coffee cart", sent: 55, valid: 30, outcome: declined, after: 18, by: 1, reason: "The canteen is renovated first.", discount: "5", lines: []item{
			one("Coffee cart with espresso machine", "cart", 1640000).taxed(standardTax), exactly(3, "Barista training", "people", 16500).taxed(standardTax),
		}, revised: &revision{after: 12, notes: "Rented by the month, so that you can begin in the old canteen.", without: 1, outcome: drafted}},
		{customer: "Sanroku Outdoor", title: "Steel drippers with your logo", sent: 22, valid: 30, outcome: withdrawn, after: 5, lines: []item{
			exactly(300, "Folding dripper, laser-engraved", "pieces", 1860).taxed(standardTax),
		}},
		{customer: "Yanaka Clinic", title: "Tea and coffee corner", sent: 0, valid: 20, outcome: waiting, lines: []item{
			one("Counter with sink, installed", "counter", 312000).taxed(standardTax), exactly(24, "Tea assortment, 50 sachets", "boxes", 1950).taxed(foodTax),
		}},
		{customer: "Fuyuki Gallery", title: "Coffee for the biennial", valid: 30, outcome: drafted, lines: []item{
			exactly(9, "Coffee bar with two baristas", "days", 128000).taxed(standardTax), exactly(2400, "Drinks served", "cups", 420).taxed(standardTax),
		}},
		{customer: "Kitsune Records", title: "Label blend for the anniversary", valid: 21, outcome: drafted, lines: []item{
			one("Development of a blend", "blend", 165000).taxed(standardTax), exactly(400, "Bags with printed sleeve, 200 g", "bags", 940).taxed(foodTax),
		}},
		{customer: "Umi no Ie Zushi", title: "Season opening", sent: 205, valid: 21, outcome: accepted, after: 7, invoiced: 14, lines: []item{
			exactly(2, "Coffee bar with two baristas", "days", 128000).taxed(standardTax), exactly(500, "Drinks served", "cups", 420).taxed(standardTax),
		}},
	}
}
