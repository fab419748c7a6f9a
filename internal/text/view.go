package text

import (
	"html/template"
	"strconv"
	"strings"

	"rostrum.example/internal/locale"
)

// View is a document as a page shows it in one language.
type View struct {
	Title    Shown
	Sections []SectionView
	// Notes are the citations in the order of their numbers.
	Notes []Note
}

// SectionView is a section in a view.
type SectionView struct {
	ID      SectionID
	Topic   string
	Heading Shown
	Blocks  []BlockView
}

// BlockView is a block in a view.
type BlockView struct {
	ID   BlockID
	Kind BlockKind
	// Number counts points and recommendations through the document; 0 for paragraphs.
	Number int
	Text   Shown
	Notes  []Note
	// Actor, Measure and Date are what a recommendation asks for.
	Actor, Measure Shown
	Date           string
}

// Note is a citation with its number, counted through the document.
type Note struct {
	Number int
	Citation
}

// Shown is a text as a reader gets it.
type Shown struct {
	Text   string
	Status Status
	Lang   locale.Lang
	Dir    string // for the attribute dir
	// Foreign: the text is not in the reader's language, for want of one that is.
	Foreign bool
	// Behind: it translates an earlier wording.
	Behind bool
}

// Lines cuts the text into its lines.
func (s Shown) Lines() []string { return strings.Split(s.Text, "\n") }

func (d *Document) shown(w Words, lang locale.Lang) Shown {
	wording, in := w.In(lang, d.Lang)
	return Shown{Text: wording.Text, Status: wording.Status, Lang: in, Dir: in.Dir(), Foreign: in != lang, Behind: w.Behind(in, d.Lang)}
}

// View sets a document in a language.
func (d *Document) View(lang locale.Lang) *View {
	v := &View{Title: d.shown(d.Title, lang)}
	number := 0
	for i := range d.Sections {
		s := &d.Sections[i]
		section := SectionView{ID: s.ID, Topic: s.Topic, Heading: d.shown(s.Heading, lang)}
		for j := range s.Blocks {
			b := &s.Blocks[j]
			block := BlockView{ID: b.ID, Kind: b.Kind, Text: d.shown(b.Text, lang)}
			if b.Kind != Paragraph {
				number++
				block.Number = number
			}
			for _, q := range b.Citations {
				n := Note{len(v.Notes) + 1, q}
				v.Notes = append(v.Notes, n)
				block.Notes = append(block.Notes, n)
			}
			if b.Asks != nil {
				block.Actor, block.Measure, block.Date = d.shown(b.Asks.Actor, lang), d.shown(b.Asks.Measure, lang), b.Asks.Date
			}
			section.Blocks = append(section.Blocks, block)
		}
		v.Sections = append(v.Sections, section)
	}
	return v
}

// Plain sets a document as plain text, citations as numbered notes at the end.
func (d *Document) Plain(lang locale.Lang) string {
	v := d.View(lang)
	var b strings.Builder
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteString("\n\n")
	}
	line(v.Title.Text)
	for _, s := range v.Sections {
		line(s.Heading.Text)
		for _, block := range s.Blocks {
			var text strings.Builder
			if block.Number > 0 {
				text.WriteString(strconv.Itoa(block.Number) + ". ")
			}
			text.WriteString(block.Text.Text)
			for _, n := range block.Notes {
				text.WriteString(" [" + strconv.Itoa(n.Number) + "]")
			}
			line(text.String())
		}
	}
	for _, n := range v.Notes {
		line("[", strconv.Itoa(n.Number), "] “", n.Quote.Exact, "” ", n.Source)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// HTML sets a redline with the elements ins and del. The words, such as "inserted" and "deleted", are for those who hear
// the page: they stand before each change in an element of the class unseen.
func (r Redline) HTML(inserted, deleted string) template.HTML {
	var b strings.Builder
	for _, s := range r {
		text := strings.ReplaceAll(template.HTMLEscapeString(s.Text), "\n", "<br>")
		element, word := "", ""
		switch s.Op {
		case Inserted:
			element, word = "ins", inserted
		case Deleted:
			element, word = "del", deleted
		default:
			b.WriteString(text)
			continue
		}
		b.WriteString("<" + element + ">")
		if word != "" {
			b.WriteString(`<span class="unseen">` + template.HTMLEscapeString(word) + ": </span>")
		}
		b.WriteString(text + "</" + element + ">")
	}
	return template.HTML(b.String())
}
