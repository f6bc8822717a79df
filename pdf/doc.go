// Package pdf draws the documents that an organization sends: estimates,
// invoices, credit notes, receipts, statements of account and certificates of
// decisions. A document goes in as a plain struct, already authorized and read,
// and PDF bytes come out.
//
// The same document always gives the same bytes: there is no clock in here, and
// a file's date is its document's. Paper is US Letter for organizations in
// countries that print on it, and A4 elsewhere. Words are English; money, dates
// and figures are written as the organization's locale does.
//
// Text is drawn from left to right in the typefaces under fonts: Latin, Greek
// and Cyrillic, Japanese and Chinese ideographs, kana and Hangul. A character
// that none of them has is written with equivalent ones where Unicode knows
// some (𝐁 as B), and otherwise as an empty box, never left out silently:
// so Arabic, Hebrew, Indic scripts, Thai and emoji come out as boxes. Control
// and invisible characters are dropped.
//
// Functions may be called at the same time; nothing is shared but the
// typefaces, which are read only.
package pdf
