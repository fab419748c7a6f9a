package dialogue

import (
	"context"
	"fmt"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// The views are what templates see: everything is said in the reader's language already, and every piece
// that is an entry of the public record carries its place there, so that the browser can check it.

type wordsView struct {
	Text string
	Lang locale.Lang
	Dir  string
	Path string // where the text stands in the entry's JSON, for the check in the browser
}

type proofView struct {
	Pending bool
	Index   int64
	Number  int
	ID      ledger.ID
	Path    string
}

type sourceView struct {
	ID, Title, Publisher, URL, When string
	ReadKey, KindKey                string
	Path                            string
	Items                           int
}

type itemView struct {
	Words     wordsView
	Proof     proofView
	Sources   []sourceView
	Speaker   *speakerView
	Need      string
	Anchor    ItemID
	TracePath string
}

type speakerView struct{ Who, Organisation, Role string }

type linkView struct {
	Words wordsView
	Proof proofView
	On    string
}

type fateView struct {
	By      string
	Words   wordsView
	Looked  string
	Sources []sourceView
	Proof   proofView
}

type countView struct {
	Figure  int
	Number  string
	Label   string
	Kind    string
	Words   wordsView
	Sum     string
	Sources []sourceView
	Proof   proofView
}

// refView is a line that leads to an item.
type refView struct {
	Path, Text, Date string
}

// composer makes views for one reader.
type composer struct {
	wing   *Wing
	r      *page.Request
	record *Record
	places map[ledger.ID]int64
	// machine: a text was shown that nobody has reviewed in the reader's language.
	machine bool
}

func (w *Wing) compose(ctx context.Context, r *page.Request) (*composer, error) {
	record, err := w.shelf.Record(ctx)
	if err != nil {
		return nil, err
	}
	return &composer{wing: w, r: r, record: record}, nil
}

// locate looks up where the entries of these items stand in the public record.
func (c *composer) locate(items []*Item, sources ...*Source) error {
	var ids []ledger.ID
	for _, it := range items {
		ids = append(ids, it.Entry)
	}
	for _, s := range sources {
		ids = append(ids, s.Entry)
	}
	places, err := c.wing.ledger.Indexes(c.r.Context(), ids)
	c.places = places
	return err
}

func (c *composer) words(w Words, field string) wordsView {
	wording, lang := w.In(c.r.Lang)
	c.machine = c.machine || wording.Status == "machine"
	return wordsView{Text: wording.Text, Lang: lang, Dir: lang.Dir(), Path: field + "." + string(lang) + ".text"}
}

func (c *composer) plain(w Words) string {
	wording, _ := w.In(c.r.Lang)
	c.machine = c.machine || wording.Status == "machine"
	return wording.Text
}

func (c *composer) proof(id ledger.ID) proofView {
	index, ok := c.places[id]
	if !ok || index < 0 {
		return proofView{Pending: true, ID: id}
	}
	return proofView{Index: index, Number: int(index), ID: id, Path: fmt.Sprintf("/record/%d", index)}
}

func (c *composer) date(s string) string {
	d, err := locale.ParseDate(s)
	if err != nil {
		return s
	}
	return c.wing.catalogues.Date(c.r.Lang, d)
}

func (c *composer) sources(cited []Citation) []sourceView {
	var views []sourceView
	for _, cite := range cited {
		if s, ok := c.record.Sources[cite.Source]; ok {
			views = append(views, c.source(s))
		}
	}
	return views
}

func (c *composer) source(s *Source) sourceView {
	v := sourceView{
		ID: s.ID, Title: s.Title, Publisher: s.Publisher, URL: s.URL,
		ReadKey: "sources.read." + s.Read, Path: "/sources/" + s.ID,
	}
	if s.Kind != "" {
		v.KindKey = "sources.kind." + s.Kind
	}
	if s.Date != "" {
		v.When = c.date(s.Date)
	}
	return v
}

func (c *composer) item(it *Item) itemView {
	v := itemView{
		Words: c.words(it.Text, "text"), Proof: c.proof(it.Entry), Sources: c.sources(it.Sources),
		Anchor: it.ID,
	}
	if s := it.Speaker; s != nil {
		v.Speaker = &speakerView{s.Who, s.Organisation, c.plain(s.Role)}
	}
	if it.Kind == Point || it.Kind == Recommendation {
		v.TracePath = tracePath(it.Ref())
	}
	if it.Kind == Point && it.Need != "" {
		v.Need = say(c.wing.vocabulary.Needs, it.Need, c.r.Lang)
	}
	return v
}

func (c *composer) count(d *Dialogue, it *Item) countView {
	v := countView{
		Kind:   say(c.wing.vocabulary.CountKinds, it.CountKind, c.r.Lang),
		Figure: it.Figure, Number: c.wing.catalogues.Number(c.r.Lang, it.Figure),
		Label: c.countLabel(it), Words: c.words(it.Text, "text"),
		Sources: c.sources(it.Sources), Proof: c.proof(it.Entry),
	}
	if it.Bound == "more_than" {
		v.Number = c.r.Text("count.morethan", "N", v.Number)
	}
	var parts []string
	for _, id := range it.SumOf {
		if part, ok := d.Item(id); ok {
			parts = append(parts, c.wing.catalogues.Number(c.r.Lang, part.Figure))
		}
	}
	if len(parts) > 0 {
		v.Sum = strings.Join(parts, " + ") + " = " + c.wing.catalogues.Number(c.r.Lang, it.Figure)
	}
	return v
}

// countLabel says what a figure counts: "NGOs".
func (c *composer) countLabel(it *Item) string {
	label := say(c.wing.vocabulary.CountOf, it.Of, c.r.Lang)
	if it.Scope == "day" {
		label = c.r.Text("count.day", "Of", label)
	}
	return label
}

func (c *composer) group(d *Dialogue) string {
	var names []string
	for _, g := range d.Opening.WorkingGroups {
		names = append(names, say(c.wing.vocabulary.GroupNames, g, c.r.Lang))
	}
	return c.wing.catalogues.List(c.r.Lang, names)
}

func (c *composer) title(d *Dialogue) string { return c.plain(d.Opening.Text) }

func (c *composer) ref(it *Item) refView {
	return refView{Path: itemPath(it), Text: c.plain(it.Text), Date: c.date(c.dateOf(it))}
}

func (c *composer) dateOf(it *Item) string {
	if d, ok := c.record.Find(it.Dialogue); ok {
		return d.Opening.Date
	}
	return ""
}

// from says where a point stands: "Main point 2 of 5 in the Chair's summary".
func (c *composer) from(d *Dialogue, it *Item) string {
	if it.Kind == Point && it.Main {
		main := d.MainPoints()
		for i, p := range main {
			if p.ID == it.ID {
				return c.r.Text("dialogue.mainpoint", "N", i+1, "Total", len(main))
			}
		}
	}
	return c.r.Text("dialogue.kind." + string(it.Kind))
}

func dialoguePath(id ID) string { return "/dialogues/" + string(id) }
func tracePath(ref Ref) string {
	return "/dialogues/" + string(ref.Dialogue) + "/points/" + string(ref.Item) + "/trace"
}

func itemPath(it *Item) string {
	switch it.Kind {
	case Opening:
		return dialoguePath(it.Dialogue)
	case Point, Recommendation:
		return "/dialogues/" + string(it.Dialogue) + "/points/" + string(it.ID)
	case Link:
		return dialoguePath(it.Dialogue) + "#" + string(it.Item)
	}
	return dialoguePath(it.Dialogue) + "#" + string(it.ID)
}
