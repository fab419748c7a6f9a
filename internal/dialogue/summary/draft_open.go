package summary

import (
	"context"
	"errors"
	"fmt"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// draft is a summary as it is being written, with everything that it is held against.
type draft struct {
	Held
	summary
	*text.Draft
	Sources []Source
	source  map[string]*Source
	// quotable are the entries that are cited and are none of the newest texts of the sources.
	quotable map[ledger.ID]quotable
	place    map[string]int // of a source, from 1: pages call it "no. 12"
	order    map[text.BlockID]int
}

type quotable struct {
	text.Quotable
	Cited
	// newer tells that the subject has a newer text.
	newer bool
	err   error
}

// open reads a draft and what it rests on; the draft is nil where the summary was not begun.
func (room *Room) open(ctx context.Context, id dialogue.ID) (*draft, error) {
	d := &draft{}
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		*d = draft{}
		return room.read(tx, id, d)
	})
	if err != nil {
		return nil, err
	}
	return d, room.resolve(ctx, d)
}

func (room *Room) read(tx *store.Tx, id dialogue.ID, d *draft) (err error) {
	if d.Held, err = room.o.Dialogue(tx, id); err != nil {
		return err
	}
	if d.Sources, err = room.o.Sources(tx, id); err != nil {
		return fmt.Errorf("listing what was said in %s: %w", id, err)
	}
	d.source, d.place = map[string]*Source{}, map[string]int{}
	for i := range d.Sources {
		s := &d.Sources[i]
		d.source[s.ID], d.place[s.ID] = s, i+1
	}
	if d.summary, err = room.summary(tx, id); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	d.Draft, err = room.texts.Read(tx, d.summary.Doc)
	return err
}

// doc is the text of the draft.
func (d *draft) doc() *text.Document { return &d.Draft.Document }

// id is the dialogue's name.
func (d *draft) id() dialogue.ID { return d.Held.ID }

// begun tells whether there is a draft.
func (d *draft) begun() bool { return d.Draft != nil }

// resolve asks the record for the entries that are cited and are no newest text of a source. It opens transactions of its
// own and must not be called in one.
func (room *Room) resolve(ctx context.Context, d *draft) error {
	d.quotable = map[ledger.ID]quotable{}
	if !d.begun() {
		return nil
	}
	var failed error
	d.doc().Each(func(_ *text.Section, b *text.Block) bool {
		for _, q := range b.Citations {
			if _, known := d.quotable[q.Entry]; known {
				continue
			}
			if s := d.source[q.Source]; s != nil && s.Of(q.Entry) != nil {
				continue
			}
			found, err := room.citable(ctx, q.Entry)
			if err != nil {
				failed = err
				return false
			}
			if s := d.source[q.Source]; s != nil && found.err == nil {
				found.newer = true
			}
			d.quotable[q.Entry] = found
		}
		return true
	})
	return failed
}

// citable finds an entry of the record and what of it can be quoted; why nothing can stands in its err. The entry is what
// counts, not what its subject has become: where the subject has another text now, the entry's own is quoted.
func (room *Room) citable(ctx context.Context, id ledger.ID) (quotable, error) {
	var q quotable
	e, err := room.o.Ledger.ByID(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		q.err = text.ErrNoSource
		return q, nil
	}
	if err != nil {
		return q, err
	}
	q.Entry, q.Subject = id, e.Leaf.Subject
	if e.Notice != nil {
		q.err = text.ErrSourceWithdrawn
		return q, nil
	}
	c, err := room.o.Citable(ctx, e.Leaf.Subject)
	if errors.Is(err, ledger.ErrNotFound) {
		q.err = text.ErrNoSource
		return q, nil
	}
	if err != nil {
		return q, err
	}
	q.Title, q.Path, q.Version = c.Title, c.Address, c.Version
	q.Cited.Text = c.Text
	if own := paragraphsOf(e.Text); own != "" {
		q.Cited.Text = own
	} else if c.Text != "" {
		if _, ok := within(e.Text, text.Selector{Exact: c.Text}); !ok {
			q.Cited.Text, q.newer = "", true
		}
	}
	q.Quotable = text.Quotable{Text: q.Cited.Text, Gist: q.Cited.Text == ""}
	return q, nil
}

// quoted gives the text that a citation quotes.
func (d *draft) quoted(q text.Citation) (text.Quotable, error) {
	if s := d.source[q.Source]; s != nil {
		if t := s.Of(q.Entry); t != nil {
			return text.Quotable{Text: t.Text}, nil
		}
	}
	found, ok := d.quotable[q.Entry]
	if !ok || found.err == nil && found.Subject != q.Source {
		return text.Quotable{}, text.ErrNoSource
	}
	return found.Quotable, found.err
}

// only is the document with nothing but one block, to be looked at alone.
func only(doc *text.Document, b *text.Block, s *text.Section) *text.Document {
	one := *doc
	section := *s
	section.Blocks = []text.Block{*b}
	one.Sections, one.Omissions = []text.Section{section}, nil
	return &one
}

// cover accounts for the sources.
func (room *Room) cover(d *draft) text.Coverage {
	var sources []text.Source
	for i := range d.Sources {
		s := &d.Sources[i]
		own := s.In()
		if own == nil {
			continue
		}
		sources = append(sources, text.Source{ID: s.ID, Category: s.Category, Lang: s.Lang, Topics: s.Needs, Words: room.length(own)})
	}
	doc := &text.Document{}
	if d.begun() {
		doc = d.doc()
	}
	return text.Cover(doc, sources)
}

// maxLengths bounds what the room remembers of texts.
const maxLengths = 20_000

// length counts the words of a text, once.
func (room *Room) length(t *Text) int {
	room.mu.Lock()
	n, ok := room.words[t.Entry]
	room.mu.Unlock()
	if ok {
		return n
	}
	n = text.CountWords(t.Text)
	room.mu.Lock()
	defer room.mu.Unlock()
	if len(room.words) >= maxLengths {
		clear(room.words)
	}
	room.words[t.Entry] = n
	return n
}

// langs are the languages of the draft, its own first, the others by their tags.
func (d *draft) langs() []locale.Lang {
	if !d.begun() || len(d.Langs) == 0 {
		return nil
	}
	return d.Langs
}
