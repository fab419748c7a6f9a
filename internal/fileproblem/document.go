package fileproblem

import (
	"errors"
	"strconv"
	"strings"

	"rostrum.example/format/caption"
	"rostrum.example/format/docx"
	"rostrum.example/format/message"
	"rostrum.example/format/odt"
	"rostrum.example/format/pdf"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/locale"
)

// Table tells what is wrong with a spreadsheet, and what to do next. Where it is stands in the problem's Place, which is
// the same in every language.
func Table(c *locale.Catalogues, lang locale.Lang, p spreadsheet.Problem) (what, next string) {
	pairs := []any{"value", shown(lang, p.Value)}
	for name, value := range p.Args {
		pairs = append(pairs, name, shown(lang, value))
	}
	key := "fileproblem.table." + string(p.Code)
	if !c.Has(key) {
		return p.Sentence, p.Next
	}
	return c.Text(lang, key, pairs...), c.Text(lang, key+".next", pairs...)
}

// Docx tells what is wrong with a document or a template, and what to do next, with its place where it has one that a
// person can find.
func Docx(c *locale.Catalogues, lang locale.Lang, p docx.Problem) string {
	key := "fileproblem.docx." + string(p.Code)
	if !c.Has(key) {
		return p.Error()
	}
	said := c.Text(lang, key, "value", shown(lang, p.Value), "limit", strconv.FormatInt(p.Limit, 10))
	if p.Count > 1 {
		said = c.Text(lang, "fileproblem.times", "what", strings.TrimSuffix(said, "."), "count", p.Count)
	}
	if p.Paragraph > 0 {
		return c.Text(lang, "fileproblem.paragraph", "n", p.Paragraph) + ": " + said
	}
	return said
}

// Unread tells why a file with words, a table or a transcript was not read, and what to do next. ok is false for an
// error that is not about the file.
func Unread(c *locale.Catalogues, lang locale.Lang, err error) (said string, ok bool) {
	var (
		table      *spreadsheet.Problem
		document   *docx.Problem
		open       *odt.Problem
		portable   *pdf.Problem
		mail       *message.Problem
		transcript *caption.Problem
	)
	switch {
	case errors.As(err, &table):
		what, next := Table(c, lang, *table)
		return what + " " + next, true
	case errors.As(err, &document):
		return Docx(c, lang, *document), true
	case errors.As(err, &open):
		return c.Text(lang, "fileproblem.odt."+string(open.Code)), true
	case errors.As(err, &portable):
		return c.Text(lang, "fileproblem.pdf."+string(portable.Code)), true
	case errors.As(err, &mail):
		return c.Text(lang, "fileproblem.message."+string(mail.Code)), true
	case errors.As(err, &transcript):
		return c.Text(lang, "fileproblem.caption."+string(transcript.Code)), true
	}
	return "", false
}
