package fileproblem_test

import (
	"errors"
	"strings"
	"testing"

	"rostrum.example/format/caption"
	"rostrum.example/format/docx"
	"rostrum.example/format/message"
	"rostrum.example/format/odt"
	"rostrum.example/format/pdf"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/locale"
)

// TestEveryFormat holds that each problem of each format has a sentence in every language, filled in.
func TestEveryFormat(t *testing.T) {
	c, err := locale.New(fileproblem.Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var all []error
	for _, code := range spreadsheet.Codes() {
		all = append(all, &spreadsheet.Problem{Code: code, Value: "thing", Args: map[string]string{"limit": "5", "length": "6", "first": "A1", "have": "2", "want": "3", "encoding": "UTF-8", "count": "7"}})
	}
	for _, code := range docx.Codes() {
		all = append(all, &docx.Problem{Code: code, Value: "thing", Limit: 5, Count: 2, Paragraph: 3})
	}
	for _, code := range odt.Codes() {
		all = append(all, &odt.Problem{Code: code})
	}
	for _, code := range pdf.Codes() {
		all = append(all, &pdf.Problem{Code: code})
	}
	for _, code := range message.Codes() {
		all = append(all, &message.Problem{Code: code})
	}
	for _, code := range caption.Codes() {
		all = append(all, &caption.Problem{Code: code})
	}
	for _, lang := range locale.Langs {
		for _, err := range all {
			said, ok := fileproblem.Unread(c, lang, err)
			if !ok || said == "" || strings.Contains(said, "fileproblem.") || strings.Contains(said, "<no value>") || strings.Contains(said, "{") {
				t.Errorf("%s: %T %v is said as %q", lang, err, err, said)
			}
		}
	}
	if _, ok := fileproblem.Unread(c, locale.English, errors.New("something else")); ok {
		t.Error("an error that is not about a file is said as one")
	}
}

// documentKeys are the keys of the formats of documents, tables and transcripts.
func documentKeys() []string {
	keys := []string{"fileproblem.times", "fileproblem.paragraph", "fileproblem.unread"}
	for _, code := range spreadsheet.Codes() {
		keys = append(keys, "fileproblem.table."+string(code), "fileproblem.table."+string(code)+".next")
	}
	for _, code := range docx.Codes() {
		keys = append(keys, "fileproblem.docx."+string(code))
	}
	for _, code := range odt.Codes() {
		keys = append(keys, "fileproblem.odt."+string(code))
	}
	for _, code := range pdf.Codes() {
		keys = append(keys, "fileproblem.pdf."+string(code))
	}
	for _, code := range message.Codes() {
		keys = append(keys, "fileproblem.message."+string(code))
	}
	for _, code := range caption.Codes() {
		keys = append(keys, "fileproblem.caption."+string(code))
	}
	return keys
}
