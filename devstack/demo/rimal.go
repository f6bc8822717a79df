package demo

import (
	"time"

	"countersign/portal"
)

// rimal is a maintenance firm in Kuwait, where there is no tax on sales and the
// dinar has a thousand fils.
func rimal() business {
	return business{
		slug: "rimal-technical", name: "Rimal Technical Services", legal: "Rimal Technical Services Co. W.L.L.",
		domain: "rimaltechnical.example", mailbox: "accounts", phone: "+965 2555 0140",
		address:  portal.Address{Line1: "Street 27, Building 116", Line2: "Shuwaikh Industrial, Block 1", City: "Kuwait City", PostalCode: "70651", Country: "KW"},
		currency: "KWD", zone: "Asia/Kuwait", locale: "en-KW", accent: "#0f6b5c",
		bank: "Rimal Technical Services Co. W.L.L.\nGulf Dhow Bank, Shuwaikh branch\nIBAN KW00 GDBK 0000 0000 0000 0000 1401 16",
		banner: "Summer is chiller season: please report a rise in supply temperature early. " +
			"The emergency line, +965 2555 0199, is answered day and night.",
		terms:         "Amounts are in Kuwaiti dinars and fils. Warranty on parts is twelve months from the date of work.",
		estimateTerms: "Valid until the date above. Work outside Sunday to Thursday, 7:00 to 16:00, is charged at one and a half times the rate.",
		weekend:       [2]time.Weekday{time.Friday, time.Saturday},
		holidays:      []string{"01-01", "02-25", "02-26"},
		first:         numbers{invoice: 612, estimate: 188, receipt: 455, credit: 14},
		ipPrefix:      "192.0.2.", since: 6,
		staff: []person{
			{name: "Fahad Al-Mutairi", title: "General manager"},
			{name: "Joseph Mathew", title: "Accountant"},
			{name: "Dalal Al-Sabti", title: "Contracts"},
		},
		jobs:      rimalJobs(),
		customers: append(rimalCustomers(), rimalMoreCustomers()...),
		proposals: rimalProposals(),
		projects:  rimalProjects(),
		threads:   rimalThreads(),
		reviews:   rimalReviews(),
		letters:   rimalLetters(),
		handovers: rimalHandovers(),
		mark:      rimalMark,
	}
}

func rimalJobs() map[string]job {
	return map[string]job{
		"contract": {title: "Maintenance contract, {month}", lines: []item{
			one("Air conditioning and ventilation, planned maintenance, {project}", "month", 685_000),
			some("Resident technician, day shift", "technicians", 310_000, 1, 3),
			some("Filters, washed and replaced", "filters", 4_750, 12, 48).sometimes(60),
		}},
		"light": {title: "Planned maintenance, {month}", lines: []item{
			one("Electrical and plumbing, monthly visit, {project}", "month", 240_000),
			some("Lamps and drivers replaced", "pieces", 6_250, 4, 26).sometimes(65),
		}},
		"chiller": {title: "Chiller overhaul, {project}", lines: []item{
			one("Compressor overhaul, screw, 220 tons", "compressor", 2_940_000),
			some("Refrigerant R-134a", "kg", 7_850, 40, 120),
			hours("Chief engineer", 18_500, 10, 28),
			one("Vibration and oil analysis, before and after", "report", 145_000).sometimes(70),
		}},
		"callout": {title: "Emergency call-out, {project}", lines: []item{
			one("Call-out, first two hours", "call", 65_000),
			hours("Further hours on site, two technicians", 22_500, 1, 6),
			some("Capacitors, contactors and relays", "pieces", 9_400, 1, 7).sometimes(80),
		}},
		"fire": {title: "Fire alarm inspection, {project}", lines: []item{
			some("Detectors tested, with certificate", "detectors", 1_850, 60, 240),
			one("Panel inspection and battery test", "panel", 92_000),
			some("Detectors replaced", "detectors", 14_750, 2, 12).sometimes(55),
		}},
		"generator": {title: "Generator service, {project}", lines: []item{
			one("Service of a 500 kVA generator: oil, filters, load test", "service", 385_000),
			some("Coolant", "litres", 1_450, 20, 60),
			one("Starter batteries, pair", "pair", 118_500).sometimes(45),
		}},
		"ducts": {title: "Duct cleaning, {project}", lines: []item{
			some("Duct cleaning with rotary brush and vacuum", "metres", 3_250, 120, 520),
			some("Access doors cut and sealed", "doors", 12_500, 4, 18),
			one("Air quality test with laboratory report", "test", 135_000),
		}},
		"pumps": {title: "Pump replacement, {project}", lines: []item{
			some("Booster pump, 7.5 kW, supplied", "pumps", 468_000, 1, 3),
			some("Installation, alignment and commissioning", "pumps", 120_000, 1, 3),
			some("Valves and flexible connections", "sets", 38_250, 2, 6),
		}},
		"lighting": {title: "LED retrofit, {project}", lines: []item{
			some("LED panels, 600 × 600, supplied and fitted", "panels", 16_900, 60, 280),
			some("Emergency lights, three hours", "lights", 24_500, 8, 30),
			one("Disposal of fluorescent tubes", "lump sum", 60_000),
		}},
		"tank": {title: "Water tank cleaning, {project}", lines: []item{
			some("Cleaning and disinfection of roof tanks", "tanks", 45_000, 2, 8),
			one("Water test, Ministry's form", "test", 28_500),
		}},
	}
}

func rimalCustomers() []customer {
	return []customer{
		{
			name: "Al Seef Medical Center", domain: "alseefmedical.example", phone: "+965 2555 0151", tax: "CR 118204", terms: 30,
			notes:   "Operating theatres: no work between 7:00 and 15:00. Ask Mariam for permits.",
			address: portal.Address{Line1: "Block 4, Arabian Gulf Street", City: "Salmiya", PostalCode: "22004", Country: "KW"},
			pays:    onTime, ways: "card saved",
			contacts: []person{
				{name: "Mariam Al-Khaldi", title: "Facilities director", phone: "+965 2555 0152", access: "active"},
				{name: "Suresh Pillai", title: "Finance", phone: "+965 2555 0153", access: "active", roles: "view pay"},
				{name: "Layla Haddad", title: "Head nurse, theatres"},
			},
			work: []engagement{
				{job: "contract", project: "Salmiya", every: 1, from: 12, until: 3, on: 2},
				{job: "fire", project: "main building", every: 4, from: 11, until: 3, on: 16},
				{job: "callout", project: "theatre 2", every: 3, from: 10, until: 3, on: 23},
				{job: "generator", project: "standby set", every: 6, from: 9, until: 3, on: 11},
				{job: "ducts", project: "wards", from: 6, on: 8},
			},
			open: []opening{
				{job: "chiller", project: "roof, unit 1", ago: 66},
				{job: "contract", project: "Salmiya", ago: 48, part: 35},
				{job: "callout", project: "laboratory", ago: 32},
				{job: "fire", project: "annex", ago: 20},
				{job: "contract", project: "Salmiya", ago: 14},
				{job: "tank", project: "main building", ago: 5},
			},
			credits: []credit{
				{job: "contract", nth: 2, percent: 15, after: 6, reason: "Technician absent for five days.", applied: true},
				{job: "callout", nth: 2, percent: 22, after: 10, reason: "Parts under warranty were invoiced."},
			},
		},
		{
			name: "Marsa Tower Holding", domain: "marsatower.example", phone: "+965 2555 0166", tax: "CR 96331", terms: 45, reference: "Contract MT/22/061",
			address: portal.Address{Line1: "Ahmad Al-Jaber Street, Tower 9", City: "Sharq", PostalCode: "15450", Country: "KW"},
			pays:    monthly, ways: "bank_transfer",
			contacts: []person{
				{name: "Bader Al-Rashidi", title: "Property manager", access: "active"},
				{name: "Anita D'Souza", title: "Accounts payable", access: "active", roles: "view pay"},
				{name: "Nasser Al-Ali", title: "Director", access: "active", roles: "view approve"},
			},
			work: []engagement{
				{job: "contract", project: "towers A and B", every: 1, from: 12, on: 1},
				{job: "light", project: "car park", every: 1, from: 12, on: 3},
				{job: "chiller", project: "tower B", from: 8, on: 17},
				{job: "callout", project: "lift machine room", every: 4, from: 11, on: 21},
			},
		},
		{
			name: "Gulf Pearl Hotel", domain: "gulfpearl.example", phone: "+965 2555 0174", terms: 30,
			address: portal.Address{Line1: "Block 9, Coast Road", City: "Fintas", PostalCode: "51006", Country: "KW"},
			pays:    early, ways: "saved card",
			contacts: []person{
				{name: "Michel Khoury", title: "Chief engineer", access: "active"},
				{name: "Reem Al-Anzi", title: "Accounts", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "contract", project: "guest floors", every: 1, from: 12, on: 4},
				{job: "pumps", project: "pool", from: 9, on: 12},
				{job: "ducts", project: "kitchens", every: 6, from: 10, on: 20},
				{job: "callout", project: "laundry", every: 5, from: 8, on: 25},
			},
			credits: []credit{{job: "contract", nth: 4, percent: 10, after: 4, reason: "Goodwill for the flooded corridor.", applied: true}},
		},
		{
			name: "Bayan International School", domain: "bayanschool.example", phone: "+965 2555 0108", terms: 30, discount: "7.5",
			address: portal.Address{Line1: "Block 7, Masjed Al-Aqsa Street", City: "Bayan", PostalCode: "43607", Country: "KW"},
			pays:    onTime, ways: "bank_transfer card",
			contacts: []person{
				{name: "Sarah Thompson", title: "Business manager", access: "active"},
				{name: "Abdullah Al-Enezi", title: "Buildings", access: "active", roles: "view approve"},
				{name: "Grace Fernandes", title: "Payables", access: "active", roles: "view pay"},
				{name: "Peter Hughes", title: "Principal"},
			},
			work: []engagement{
				{job: "light", project: "campus", every: 1, from: 12, on: 5},
				{job: "fire", project: "all buildings", every: 6, from: 8, on: 13},
				{job: "lighting", project: "sports hall", from: 7, on: 18},
				{job: "tank", project: "campus", every: 4, from: 11, on: 9},
			},
		},
		{
			name: "Jahra Cooperative Society", domain: "jahracoop.example", phone: "+965 2555 0119", tax: "CR 20417", terms: 60,
			address: portal.Address{Line1: "Block 2, Marzouq Al-Mutab Street", City: "Jahra", PostalCode: "01004", Country: "KW"},
			pays:    late, ways: "bank_transfer cash", notes: "Cheques need two signatures; allow a week.",
			contacts: []person{
				{name: "Khaled Al-Shammari", title: "Branch manager", access: "active"},
				{name: "Yousef Al-Harbi", title: "Accountant", access: "invite"},
			},
			work: []engagement{
				{job: "contract", project: "central market", every: 1, from: 12, on: 6},
				{job: "generator", project: "cold store", every: 4, from: 11, on: 15},
				{job: "callout", project: "freezers", every: 2, from: 9, on: 22},
			},
		},
		{
			name: "Desert Rose Spa", domain: "desertrosespa.example", phone: "+965 2555 0127", terms: 14,
			address: portal.Address{Line1: "Gulf Road, Villa 31", City: "Messila", PostalCode: "47300", Country: "KW"},
			pays:    early, ways: "card",
			contacts: []person{{name: "Hanan Jaber", title: "Owner", access: "active"}},
			work: []engagement{
				{job: "light", project: "treatment rooms", every: 1, from: 12, on: 7},
				{job: "callout", project: "steam bath", every: 5, from: 7, on: 14},
			},
			open: []opening{{job: "pumps", project: "hydrotherapy", ago: 13, declined: "insufficient_funds"}},
		},
		{
			name: "Shuaiba Plastics Factory", domain: "shuaibaplastics.example", phone: "+965 2555 0180", tax: "CR 77102", terms: 45,
			address: portal.Address{Line1: "West Shuaiba, Street 6, Plot 44", City: "Ahmadi", PostalCode: "65450", Country: "KW"},
			pays:    inParts, ways: "bank_transfer",
			contacts: []person{
				{name: "Ramesh Iyer", title: "Plant manager", access: "active"},
				{name: "Omar Farouk", title: "Purchasing", access: "expired"},
			},
			work: []engagement{
				{job: "generator", project: "line 3", every: 3, from: 12, on: 10},
				{job: "pumps", project: "cooling water", every: 5, from: 10, on: 19},
				{job: "chiller", project: "injection hall", from: 5, on: 24},
				{job: "light", project: "warehouse", every: 1, from: 12, on: 2},
			},
		},
		{
			name: "Al Nuzha Residences", domain: "alnuzha.example", phone: "+965 2555 0135", terms: 30,
			address: portal.Address{Line1: "Block 1, Street 12", City: "Nuzha", PostalCode: "72706", Country: "KW"},
			pays:    late, ways: "cash bank_transfer", stopped: 110,
			notes: "The owners' association changed its bank: new signatory awaited.",
			contacts: []person{
				{name: "Jasem Al-Mulla", title: "Chair of the owners", access: "active"},
				{name: "Rosa Mendes", title: "Caretaker"},
			},
			work: []engagement{
				{job: "contract", project: "three buildings", every: 1, from: 12, on: 8},
				{job: "tank", project: "roofs", every: 3, from: 11, on: 17},
			},
		},
	}
}

func rimalMoreCustomers() []customer {
	return []customer{
		{
			name: "Hawalli Dental Group", domain: "hawallidental.example", phone: "+965 2555 0144", terms: 30,
			address: portal.Address{Line1: "Tunis Street, Al-Rehab Complex", City: "Hawalli", PostalCode: "32017", Country: "KW"},
			pays:    onTime, ways: "card saved",
			contacts: []person{
				{name: "Noor Al-Din", title: "Practice manager", access: "active"},
				{name: "Elias Mansour", title: "Partner"},
			},
			work: []engagement{
				{job: "light", project: "six clinics", every: 1, from: 12, on: 9},
				{job: "callout", project: "compressor room", every: 4, from: 10, on: 18},
			},
			open: []opening{{job: "ducts", project: "Hawalli and Jabriya", ago: 25, declined: "expired_card"}},
		},
		{
			name: "Wafra Farms", domain: "wafrafarms.example", phone: "+965 2555 0190", terms: 30,
			address: portal.Address{Line1: "Wafra Road, Farm 212", City: "Wafra", PostalCode: "96005", Country: "KW"},
			pays:    late, ways: "cash bank_transfer",
			contacts: []person{
				{name: "Mohammed Al-Ajmi", title: "Owner", access: "active"},
				{name: "Ali Hassan", title: "Foreman", access: "withdrawn"},
			},
			work: []engagement{
				{job: "pumps", project: "wells", every: 4, from: 12, on: 13},
				{job: "generator", project: "greenhouses", every: 3, from: 11, on: 21},
			},
		},
		{
			name: "Sadu House Museum Shop", domain: "saduhouse.example", phone: "+965 2555 0113", terms: 30, discount: "10",
			address: portal.Address{Line1: "Gulf Road, beside the museum", City: "Kuwait City", PostalCode: "13001", Country: "KW"},
			pays:    onTime, ways: "card bank_transfer",
			contacts: []person{{name: "Amal Al-Fares", title: "Director", access: "active"}},
			work: []engagement{
				{job: "light", project: "galleries", every: 2, from: 12, on: 10},
				{job: "lighting", project: "display cases", from: 4, on: 7},
				{job: "fire", project: "store", every: 6, from: 9, on: 26},
			},
		},
		{
			name: "Falcon Freight Services", domain: "falconfreight.example", phone: "+965 2555 0161", tax: "CR 55820", terms: 30,
			address:  portal.Address{Line1: "Airport Cargo Village, Warehouse 18", City: "Farwaniya", PostalCode: "81003", Country: "KW"},
			shipping: portal.Address{Line1: "Mina Abdullah, Yard 7", City: "Ahmadi", PostalCode: "64001", Country: "KW"},
			pays:     monthly, ways: "bank_transfer card",
			contacts: []person{
				{name: "Tariq Aziz", title: "Operations", access: "active"},
				{name: "Sheila Varghese", title: "Accounts", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "contract", project: "cold rooms", every: 1, from: 12, on: 3},
				{job: "callout", project: "dock 4", every: 3, from: 11, on: 16},
				{job: "lighting", project: "yard", from: 6, on: 22},
			},
			credits: []credit{{job: "contract", nth: 7, percent: 35, after: 9, reason: "One technician was withdrawn for the month."}},
		},
		{
			name: "Kubbar Seafood", domain: "kubbar.example", phone: "+965 2555 0105", terms: 14,
			address: portal.Address{Line1: "Sharq Market, Stall 30 to 34", City: "Sharq", PostalCode: "15460", Country: "KW"},
			pays:    inParts, ways: "cash card", stopped: 47,
			contacts: []person{
				{name: "Salem Al-Kandari", title: "Owner", access: "active"},
				{name: "Maria Santos", title: "Office"},
			},
			work: []engagement{
				{job: "callout", project: "ice machines", every: 2, from: 12, on: 11},
				{job: "light", project: "stalls", every: 1, from: 9, on: 20},
			},
		},
		{
			name: "Qortuba Sports Club", domain: "qortubaclub.example", phone: "+965 2555 0158", terms: 45,
			address: portal.Address{Line1: "Block 3, Third Ring Road", City: "Qortuba", PostalCode: "73404", Country: "KW"},
			pays:    onTime, ways: "bank_transfer saved",
			contacts: []person{
				{name: "Waleed Al-Otaibi", title: "Secretary", access: "active"},
				{name: "Fatima Behbehani", title: "Treasurer", access: "active", roles: "view pay"},
			},
			work: []engagement{
				{job: "contract", project: "halls and pool", every: 1, from: 12, on: 5},
				{job: "pumps", project: "filters", from: 7, on: 14},
				{job: "tank", project: "club house", every: 6, from: 10, on: 24},
			},
		},
	}
}

func rimalProposals() []proposal {
	return []proposal{
		{customer: "Al Seef Medical Center", title: "Replacement of chiller 2", sent: 0, valid: 24, outcome: waiting, notes: "Crane on a Friday, so that the theatres stay cool. The old unit is taken away.", lines: []item{
			one("Air-cooled screw chiller, 240 tons, delivered", "chiller", 38_400_000),
			one("Crane, rigging and permits", "lump sum", 1_850_000),
			exactly(64, "Installation, piping and commissioning", "hours", 42_500),
			one("Refrigerant recovery with certificate", "lump sum", 320_000),
		}},
		{customer: "Al Seef Medical Center", title: "Air filters for the theatres", sent: 0, valid: 5, outcome: waiting, notes: "HEPA H14, with the leak test that the Ministry asks for.", lines: []item{
			exactly(18, "HEPA filters H14, 610 × 610", "filters", 68_250), exactly(18, "Fitting and leak test", "filters", 14_500),
		}},
		{customer: "Al Seef Medical Center", title: "Duct cleaning of the wards", sent: 215, valid: 30, outcome: accepted, after: 8, lines: []item{
			exactly(420, "Duct cleaning with rotary brush and vacuum", "metres", 3_250), one("Air quality test with laboratory report", "test", 135_000),
		}},
		{customer: "Al Seef Medical Center", title: "Building management system", sent: 130, valid: 45, outcome: declined, after: 21, reason: "The board wants three offers. Please keep yours open for the next financial year.", lines: []item{
			one("Controllers and software", "system", 12_600_000), exactly(140, "Points wired and tested", "points", 38_500),
		}},
		{customer: "Marsa Tower Holding", title: "Car park ventilation", sent: 84, valid: 45, outcome: declined, after: 13, by: 2, reason: "Please take the jet fans of basement 3 out, the insurer's report isn't ready.", lines: []item{
			exactly(24, "Jet fans, basements 1 and 2", "fans", 412_000), exactly(30, "Carbon monoxide sensors", "sensors", 78_500), exactly(12, "Jet fans, basement 3", "fans", 412_000),
		}, revised: &revision{after: 7, notes: "Without basement 3. The cable route stays open for it.", without: 1, outcome: accepted, decided: 9}, invoiced: 22},
		{customer: "Gulf Pearl Hotel", title: "Kitchen exhaust", sent: 62, valid: 30, outcome: replaced, after: 3, lines: []item{
			one("Exhaust fan with filter unit", "fan", 2_150_000), exactly(46, "Ductwork, stainless", "metres", 28_750), one("Fire damper, motorized", "damper", 240_000),
		}, revised: &revision{after: 0, notes: "With the larger fan, after measuring on site.", discount: "4", outcome: accepted, decided: 4}, invoiced: 11},
		{customer: "Wafra Farms", title: "Solar pumps", sent: 170, valid: 30, outcome: expired, lines: []item{
			exactly(4, "Solar pump, 5.5 kW, with panels", "sets", 1_980_000), exactly(4, "Installation at the well", "sets", 180_000),
		}},
		{customer: "Bayan International School", title: "Lighting of the library", sent: 72, valid: 30, outcome: accepted, after: 5, by: 1, invoiced: 14, discount: "7.5", lines: []item{
			exactly(96, "LED panels, 600 × 600, supplied and fitted", "panels", 16_900), exactly(12, "Reading lights, brass", "lights", 34_250),
		}},
		{customer: "Shuaiba Plastics Factory", title: "Standby generator, 1 MVA", sent: 44, valid: 30, outcome: expired, lines: []item{
			one("Generator with sound enclosure", "generator", 41_500_000), one("Foundation, cables, transfer switch", "lump sum", 9_350_000),
		}},
		{customer: "Falcon Freight Services", title: "Cold room 6", sent: 34, valid: 30, outcome: accepted, after: 2, invoiced: 10, lines: []item{
			one("Condensing unit and evaporators, 40 m²", "set", 3_460_000), exactly(22, "Insulated panels, 120 mm", "panels", 54_500),
		}},
		{customer: "Qortuba Sports Club", title: "Heating of the pool", sent: 57, valid: 30, outcome: declined, after: 19, reason: "Above what the members approved.", lines: []item{
			exactly(2, "Heat pump, 60 kW", "pumps", 2_780_000), one("Pool cover with roller", "cover", 1_150_000),
		}, revised: &revision{after: 10, notes: "One heat pump now, the second one when it is needed.", without: 1, outcome: drafted}},
		{customer: "Sadu House Museum Shop", title: "Humidity control", sent: 24, valid: 30, outcome: withdrawn, after: 6, discount: "10", lines: []item{
			exactly(3, "Humidifiers with controller", "units", 640_000),
		}},
		{customer: "Desert Rose Spa", title: "Steam generator", sent: 0, valid: 20, outcome: waiting, lines: []item{
			one("Steam generator, 18 kW, supplied and fitted", "generator", 1_240_000), exactly(2, "Service in the first year", "visits", 45_000),
		}},
		{customer: "Jahra Cooperative Society", title: "Doors for the cold store", valid: 30, outcome: drafted, lines: []item{
			exactly(3, "High-speed door, insulated", "doors", 1_380_000), exactly(3, "Installation at night", "doors", 160_000),
		}},
		{customer: "Hawalli Dental Group", title: "Water treatment, two clinics", valid: 21, outcome: drafted, lines: []item{
			exactly(2, "Reverse osmosis unit", "units", 485_000), exactly(2, "Yearly service", "units", 90_000),
		}},
		{customer: "Al Nuzha Residences", title: "Lift lobby lighting", sent: 195, valid: 30, outcome: accepted, after: 10, invoiced: 16, lines: []item{
			exactly(36, "Ceiling lights with sensor", "lights", 21_500), exactly(14, "Electrician", "hours", 12_500),
		}},
	}
}
