package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/docx"
	"rostrum.example/internal/locale"
)

// Names of the properties by which a file says what it is.
const (
	propertyDocument  = "text-document"
	propertyVersion   = "text-version"
	propertyLanguage  = "text-language"
	propertyTranslate = "text-translation"
	propertySince     = "text-since"
)

// ExportOptions say what goes into a file.
type ExportOptions struct {
	Version int
	// Lang is the language of the file. Parts without words in it have those of the document's own.
	Lang locale.Lang
	// Translate tells that the file goes to a translator: what comes back for such a part is its text in Lang.
	Translate bool
	// Comments are shown beside the text; those that are resolved, or whose part is not there, are left out.
	Comments []Comment
	// Names gives the name under which an author of a comment is shown; nil takes the one that is kept with it.
	Names func(Author) string
	// Source says, in a footnote behind the quotation, where it comes from.
	Source func(Citation) string
	// Aside gives paragraphs that stand under a block and cannot be changed in the file: what a recommendation asks for.
	Aside func(*Block) []string
	// Since shows what changed since this earlier version as tracked changes, in the name of By. Such a file is for
	// reading and is not taken back.
	Since *Document
	By    docx.Change
	// SinceVersion is the number of that version.
	SinceVersion int
	// Header and Footer are those of the file.
	Header, Footer string
}

// Export is a version of a document as it leaves as a file of a word processor. The same document and options always give
// the same file, so the room makes it again when one comes back.
type Export struct {
	File     *docx.Document
	document *Document
	options  ExportOptions
	// parts are the words of each part in the file, and in which language.
	parts    map[string]exported
	notes    map[CitationID]string // texts of the footnotes
	comments []Comment             // by the id that they have in the file
	removed  map[string][]part     // of Since: what is no longer there, by the part that it stood behind
}

type exported struct {
	text string
	// shown differs from text where a translation is wanted.
	shown string
	lang  locale.Lang
}

// NewExport makes the file of a version. Paragraphs that a room adds to File before it writes it, do the same to what is
// given to TakeBack: the room adds them again.
func NewExport(d *Document, o ExportOptions) *Export {
	e := &Export{document: d, options: o, parts: map[string]exported{}, notes: map[CitationID]string{}, removed: map[string][]part{}}
	title := e.part(TitlePart, d.Title)
	e.File = &docx.Document{
		Title: title.shown, Language: string(o.Lang), Header: o.Header, Footer: o.Footer, Track: o.Since == nil,
		Properties: map[string]string{
			propertyDocument: string(d.ID), propertyVersion: strconv.Itoa(o.Version), propertyLanguage: string(o.Lang),
		},
	}
	if o.Translate {
		e.File.Properties[propertyTranslate] = "yes"
	}
	if o.Since != nil {
		e.File.Properties[propertySince] = strconv.Itoa(o.SinceVersion)
	}
	if o.Since != nil {
		last := TitlePart
		for _, p := range parts(o.Since) {
			if wordsOf(d, p.id) != nil {
				last = p.id
			} else {
				e.removed[last] = append(e.removed[last], p)
			}
		}
	}
	e.add(TitlePart, docx.Paragraph{Style: docx.Title}, title, nil)
	for i := range d.Sections {
		s := &d.Sections[i]
		e.add(string(s.ID), docx.Paragraph{Style: docx.Heading, Level: 1}, e.part(string(s.ID), s.Heading), nil)
		for j := range s.Blocks {
			b := &s.Blocks[j]
			p := docx.Paragraph{}
			if b.Kind != Paragraph {
				p = docx.Paragraph{Style: docx.ListItem, Level: 1, Numbered: true, List: 1}
			}
			e.add(string(b.ID), p, e.part(string(b.ID), b.Text), b.Citations)
			if o.Aside != nil {
				for _, line := range o.Aside(b) {
					e.File.Blocks = append(e.File.Blocks, &docx.Paragraph{Runs: []docx.Run{{Text: line, Italic: true}}})
				}
			}
		}
	}
	return e
}

// part notes what a part has in the file.
func (e *Export) part(id string, w Words) exported {
	wording, lang := w.In(e.options.Lang, e.document.Lang)
	x := exported{text: wording.Text, shown: wording.Text, lang: lang}
	if e.options.Translate && lang != e.options.Lang {
		x.text, x.lang = "", e.options.Lang
	}
	e.parts[id] = x
	return x
}

// add puts the paragraph of a part into the file.
func (e *Export) add(id string, p docx.Paragraph, x exported, citations []Citation) {
	p.Anchors = []string{id}
	_, lang := e.words(id).In(e.options.Lang, e.document.Lang)
	if lang != e.options.Lang {
		p.Language = string(lang)
	}
	if e.options.Since != nil {
		before := ""
		if w := wordsOf(e.options.Since, id); w != nil {
			before = (*w)[lang].Text
		}
		p.Runs = Diff(before, x.shown).Runs(e.options.By)
	} else {
		p.Runs = e.withComments(id, x)
	}
	for _, q := range citations {
		note := &docx.Paragraph{Runs: []docx.Run{{Text: "“" + strings.TrimSpace(q.Quote.Exact) + "”", Language: string(q.Lang)}}}
		if e.options.Source != nil {
			if from := e.options.Source(q); from != "" {
				note.Runs = append(note.Runs, docx.Run{Text: " " + from})
			}
		}
		r := docx.Run{Footnote: &docx.Footnote{Paragraphs: []*docx.Paragraph{note}}}
		if _, ok := e.notes[q.ID]; !ok {
			r.Anchors = []string{string(q.ID)}
			e.notes[q.ID] = note.Text(docx.Accepted)
		}
		p.Runs = append(p.Runs, r)
	}
	e.File.Blocks = append(e.File.Blocks, &p)
	for _, gone := range e.removed[id] {
		w, _ := wordsOf(e.options.Since, gone.id).In(e.options.Lang, e.document.Lang)
		q := docx.Paragraph{Deleted: &e.options.By, Runs: Diff(w.Text, "").Runs(e.options.By)}
		if gone.head != nil {
			q.Style, q.Level = docx.Heading, 1
		}
		e.File.Blocks = append(e.File.Blocks, &q)
	}
}

func (e *Export) words(id string) Words {
	if w := wordsOf(e.document, id); w != nil {
		return *w
	}
	return nil
}

// withComments gives the words of a part as runs, cut where comments begin and end.
func (e *Export) withComments(id string, x exported) []docx.Run {
	type stretch struct {
		Passage
		id int
	}
	var all []stretch
	cuts := []int{0, len(x.shown)}
	for _, c := range e.options.Comments {
		if c.Part != id || c.Thread != "" || !c.Resolved.IsZero() {
			continue
		}
		at := Passage{0, len(x.shown)}
		if c.Range != nil && c.Lang == x.lang {
			if m := Find(x.shown, *c.Range); m.Outcome == Found {
				at = m.Passage
			}
		}
		root := len(e.comments)
		for _, one := range e.options.Comments {
			if one.ID != c.ID && one.Thread != c.ID {
				continue
			}
			name := one.Author.Name
			if e.options.Names != nil {
				name = e.options.Names(one.Author)
			}
			number := len(e.comments)
			e.comments = append(e.comments, one)
			comment := docx.Comment{ID: number, Author: name, Date: one.At, Text: one.Text}
			if one.ID != c.ID {
				comment.Parent, comment.Reply = root, true
			}
			e.File.Comments = append(e.File.Comments, comment)
			all = append(all, stretch{at, number})
		}
		cuts = append(cuts, at.Start, at.End)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var runs []docx.Run
	for i := 1; i < len(cuts); i++ {
		r := docx.Run{Text: x.shown[cuts[i-1]:cuts[i]]}
		for _, s := range all {
			if s.Start <= cuts[i-1] && cuts[i] <= s.End {
				r.Comments = append(r.Comments, s.id)
			}
		}
		runs = append(runs, r)
	}
	if len(runs) == 0 && len(all) > 0 {
		runs = append(runs, docx.Run{})
		for _, s := range all {
			runs[0].Comments = append(runs[0].Comments, s.id)
		}
	}
	return runs
}

// Runs gives a redline as tracked changes of a file.
func (r Redline) Runs(by docx.Change) []docx.Run {
	runs := make([]docx.Run, 0, len(r))
	for _, s := range r {
		run := docx.Run{Text: s.Text}
		switch s.Op {
		case Inserted:
			run.Inserted = &by
		case Deleted:
			run.Deleted = &by
		}
		runs = append(runs, run)
	}
	return runs
}

// FileStamp is what a file says of itself.
type FileStamp struct {
	Document  DocumentID
	Version   int
	Lang      locale.Lang
	Translate bool
	// Comparison tells that the file shows what changed between two versions.
	Comparison bool
}

// Identify reads from which document and version a file was made; false where it does not say.
func Identify(f *docx.Document) (FileStamp, bool) {
	version, err := strconv.Atoi(f.Properties[propertyVersion])
	s := FileStamp{
		Document: DocumentID(f.Properties[propertyDocument]), Version: version, Lang: locale.Lang(f.Properties[propertyLanguage]),
		Translate: f.Properties[propertyTranslate] != "", Comparison: f.Properties[propertySince] != "",
	}
	return s, err == nil && version >= 0 && len(s.Document) <= maxID && goodID.MatchString(string(s.Document))
}

// WrongFileError says that a file was not made from the version that it is held against.
type WrongFileError struct {
	// Found is what the file says; Marked tells whether it says anything.
	Found  FileStamp
	Marked bool
	Want   FileStamp
}

func (e *WrongFileError) Error() string {
	switch {
	case !e.Marked:
		return "the file does not say which document it is, and none of its paragraphs is known"
	case e.Found.Document != e.Want.Document:
		return fmt.Sprintf("the file is document %s, not %s", e.Found.Document, e.Want.Document)
	case e.Found.Comparison:
		return "the file compares two versions and is not taken back"
	case e.Found.Version != e.Want.Version:
		return fmt.Sprintf("the file is version %d, not %d", e.Found.Version, e.Want.Version)
	}
	return fmt.Sprintf("the file is in language %s, not %s", e.Found.Lang, e.Want.Lang)
}
