// Package mail writes the emails that the product sends and hands them to Resend.
//
// Every email is a named [Template]: a default subject and body that staff may replace, with a fixed set of
// placeholders. Parsing gives a [Source]; rendering a Source with values gives subject, text and HTML, all made from the
// one source. What is rendered can be stored as it is: secrets stand in it as a [Marker], and [Rendered.Fill] puts them
// in just before a [Sender] sends it.
package mail
