// The layout: one HTML page for every email. Tables and inline styles, because mail programs (Outlook draws with Word)
// know little else; the <style> element only adds phones and dark mode where they are understood. Nothing is loaded from
// anywhere, so nothing is blocked and nothing tells on the reader.

package mail

import (
	"fmt"
	"html"
	"strings"
)

const fonts = `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif`

// page draws the whole email.
func (r renderer) page(subject string, blocks []block) string {
	light, dark := r.brand.light(), r.brand.dark()
	name := html.EscapeString(r.brand.Name)
	var b strings.Builder
	fmt.Fprintf(&b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>%s</title>
<style>
:root{color-scheme:light dark}
@media (max-width:620px){
.outer{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}
.pad{padding-left:24px!important;padding-right:24px!important}.button{width:100%%!important}.button a{display:block!important;text-align:center!important}
}
@media (prefers-color-scheme:dark){
%s}
</style>
</head>
`, html.EscapeString(subject), dark.rules())
	fmt.Fprintf(&b, `<body class="page" style="margin:0;padding:0;width:100%%;background:%s;color:%s;font-family:%s;-webkit-text-size-adjust:100%%">
`, light.page, light.text, fonts)
	if pre := r.preheader(blocks); pre != "" {
		// The spaces keep what follows from being shown after it in the list of mail.
		fmt.Fprintf(&b, `<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all">%s%s</div>
`, html.EscapeString(pre), strings.Repeat("&#8199;&#847; ", 60))
	}
	fmt.Fprintf(&b, `<table role="presentation" class="page" width="100%%" cellpadding="0" cellspacing="0" border="0" style="background:%s">
<tr><td class="outer" align="center" style="padding:32px 16px">
<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;background:%s;border:1px solid %s;border-radius:12px;border-collapse:separate;overflow:hidden">
<tr><td class="bar" style="height:4px;line-height:4px;font-size:0;background:%s">&nbsp;</td></tr>
<tr><td class="pad text" style="padding:28px 40px 0;font-size:17px;line-height:24px;font-weight:600;letter-spacing:-.01em;color:%s">%s</td></tr>
<tr><td class="pad text" style="padding:20px 40px 12px;font-size:16px;line-height:26px;color:%s">
`, light.page, light.card, light.line, light.buttonFill, light.text, name, light.text)
	for _, bl := range blocks {
		r.block(&b, bl, light)
	}
	b.WriteString("</td></tr>\n")
	r.spareLink(&b, blocks, light)
	footer := "<strong style=\"font-weight:600\">" + name + "</strong>"
	for _, line := range r.brand.Address {
		footer += "<br>" + html.EscapeString(line)
	}
	fmt.Fprintf(&b, `<tr><td class="pad muted line" style="padding:20px 40px 28px;border-top:1px solid %s;font-size:13px;line-height:20px;color:%s">%s<br><br>%s</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
`, light.line, light.muted, footer, html.EscapeString(r.reason()))
	return b.String()
}

// rules are the colours of dark mode; they must outdo the inline ones.
func (p palette) rules() string {
	var b strings.Builder
	for _, rule := range []struct{ selector, style string }{
		{".page", "background:" + p.page + "!important"},
		{".card", "background:" + p.card + "!important;border-color:" + p.line + "!important"},
		{".text", "color:" + p.text + "!important"},
		{".muted", "color:" + p.muted + "!important"},
		{".line", "border-color:" + p.line + "!important"},
		{".link", "color:" + p.accent + "!important"},
		{".bar", "background:" + p.buttonFill + "!important"},
		{".fill", "background:" + p.buttonFill + "!important"},
		{".onfill", "color:" + p.buttonText + "!important"},
	} {
		fmt.Fprintf(&b, "%s{%s}\n", rule.selector, rule.style)
	}
	return b.String()
}

func (r renderer) block(b *strings.Builder, bl block, p palette) {
	const margin = "margin:0 0 18px"
	switch {
	case bl.kind == button:
		// The padding is the cell's in Outlook and the link's elsewhere: the whole button is pressed, not its words.
		fmt.Fprintf(b, `<table role="presentation" class="button" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 26px"><tr><td class="button fill" style="border-radius:8px;background:%s"><a class="onfill" href="%s" target="_blank" rel="noopener" style="display:inline-block;padding:13px 26px;font-size:16px;line-height:22px;font-weight:600;color:%s;text-decoration:none;border-radius:8px">%s</a></td></tr></table>
`, p.buttonFill, html.EscapeString(r.values[bl.lines[0][0].placeholder]), p.buttonText, html.EscapeString(r.words(bl.lines[0][0].label)))
	case rows(bl):
		fmt.Fprintf(b, `<table class="line" width="100%%" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 24px;border-top:1px solid %s">
`, p.line)
		for _, line := range bl.lines {
			label, value, _ := row(line)
			fmt.Fprintf(b, `<tr><th scope="row" class="muted line" align="left" valign="top" style="padding:10px 16px 10px 0;border-bottom:1px solid %[1]s;font-size:15px;line-height:22px;font-weight:400;color:%[2]s;width:34%%">%[3]s</th><td class="text line" align="left" valign="top" style="padding:10px 0;border-bottom:1px solid %[1]s;font-size:15px;line-height:22px;font-weight:600;color:%[4]s;word-break:break-word">%[5]s</td></tr>
`, p.line, p.muted, html.EscapeString(label), p.text, r.htmlLine(value, p))
		}
		b.WriteString("</table>\n")
	case bl.kind == items:
		b.WriteString(`<ul style="margin:0 0 20px;padding:0 0 0 22px">` + "\n")
		for _, line := range bl.lines {
			fmt.Fprintf(b, `<li style="margin:0 0 8px;padding:0 0 0 4px">%s</li>`+"\n", r.htmlLine(line, p))
		}
		b.WriteString("</ul>\n")
	case r.quoted(bl):
		fmt.Fprintf(b, `<blockquote class="text line" style="margin:0 0 22px;padding:2px 0 2px 16px;border-left:3px solid %s;color:%s;word-break:break-word">%s</blockquote>
`, p.line, p.text, r.htmlLines(bl, p))
	default:
		fmt.Fprintf(b, `<p style="%s;word-break:break-word">%s</p>`+"\n", margin, r.htmlLines(bl, p))
	}
}

func (r renderer) htmlLines(bl block, p palette) string {
	var lines []string
	for _, line := range bl.lines {
		lines = append(lines, r.htmlLine(line, p))
	}
	return strings.Join(lines, "<br>\n")
}

func (r renderer) htmlLine(line []span, p palette) string {
	var b strings.Builder
	for _, s := range line {
		known, _ := r.template.placeholder(s.placeholder)
		switch {
		case s.isLink():
			b.WriteString(r.anchor(r.leads(s), r.words(s.label), p))
		case s.placeholder == "":
			b.WriteString(html.EscapeString(s.text + s.value))
		case known.Kind == Link:
			b.WriteString(r.anchor(r.values[s.placeholder], r.values[s.placeholder], p))
		default:
			b.WriteString(strings.ReplaceAll(html.EscapeString(r.values[s.placeholder]), "\n", "<br>\n"))
		}
	}
	return b.String()
}

func (r renderer) anchor(address, words string, p palette) string {
	if address == "" {
		return html.EscapeString(words)
	}
	return fmt.Sprintf(`<a class="link" href="%s" target="_blank" rel="noopener" style="color:%s;text-decoration:underline">%s</a>`,
		html.EscapeString(address), p.accent, html.EscapeString(words))
}

// spareLink repeats the button's address in words, for mail programs that don't draw buttons.
func (r renderer) spareLink(b *strings.Builder, blocks []block, p palette) {
	for _, bl := range blocks {
		if bl.kind != button {
			continue
		}
		address := r.values[bl.lines[0][0].placeholder]
		fmt.Fprintf(b, `<tr><td class="pad muted" style="padding:0 40px 24px;font-size:13px;line-height:20px;color:%s">If the button doesn't work, open this address:<br><a class="link" href="%[2]s" target="_blank" rel="noopener" style="color:%[3]s;word-break:break-all">%[2]s</a></td></tr>
`, p.muted, html.EscapeString(address), p.accent)
	}
}
