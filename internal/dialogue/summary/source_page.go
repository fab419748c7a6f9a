package summary

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/text"
	"rostrum.example/internal/text/similar"
)

// sourceView is one input with all its words: to quote from it, or to say why it is left out.
type sourceView struct {
	headView
	ID                  string
	Who, Language, Path string
	Place, Words        int
	Needs               []string
	Texts               []textChoice
	Entry               ledger.ID
	Lang                locale.Lang
	Dir                 string
	Status              text.Status
	Paragraphs          [][]stretch
	Near                []nearView
	Cite                citeView
	Used                []usedView
	Omitted             string // the reason that stands
	Reason, Reasoned    page.Field
}

type textChoice struct {
	Name, Path string
	Current    bool
}

// stretch is a piece of a text that is quoted or not.
type stretch struct {
	Text   string
	Quoted bool
}

// nearView is a point that an input is like, with the passage.
type nearView struct {
	ID, Path string
	Number   int
	Text     wordsView
	Passage  wordsView
	Shared   []string
}

type citeView struct {
	Exact          page.Field
	Prefix, Suffix string
	To             page.Field
	Places         []placeView
	Near           *text.Selector
}

// placeView is one of the places where words stand that are not clear by themselves.
type placeView struct {
	text.Selector
	Around wordsView
}

type usedView struct {
	Path   string
	Number int
	Quote  wordsView
}

// nearest is how many points are suggested for an input.
const nearest = 4

func (room *Room) showSource(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form := url.Values{"to": {r.URL.Query().Get("block")}}
	return room.renderSource(w, r, http.StatusOK, actor, r.URL.Query().Get("id"), form, nil, nil)
}

func (room *Room) takeSource(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, source := dialogueOf(r), form.Get("id")
	done, back := "", desk(id)
	switch form.Get("do") {
	case "omit":
		done, err = "omitted", room.Omit(r.Context(), actor, id, source, form.Get("reason"), form.Get("words"))
	case "readmit":
		done, err = "readmitted", room.Readmit(r.Context(), actor, id, source)
	default:
		done = "cited"
		back, err = room.takeCite(r.Context(), actor, r, form)
	}
	if err != nil {
		var wrong *misquoted
		errors.As(err, &wrong)
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderSource(w, r, http.StatusUnprocessableEntity, actor, source, form, errs, wrong)
	}
	return r.Redirect(w, back+"?done="+done)
}

// takeCite has a block, or a new one, rest on what was marked.
func (room *Room) takeCite(ctx context.Context, actor party.Actor, r *page.Request, form url.Values) (back string, err error) {
	id := dialogueOf(r)
	sel := text.Selector{Exact: lines(form.Get("exact")), Prefix: lines(form.Get("prefix")), Suffix: lines(form.Get("suffix"))}
	to, entry := form.Get("to"), ledger.ID(form.Get("entry"))
	if section, ok := strings.CutPrefix(to, "new-"); ok {
		made, err := room.CiteAnew(ctx, actor, id, text.SectionID(section), Point, form.Get("id"), entry, sel)
		return desk(id) + "/blocks/" + string(made), err
	}
	if to == "" {
		return "", invalid("to", "summary.problem.to")
	}
	return desk(id) + "/blocks/" + to, room.Cite(ctx, actor, id, text.BlockID(to), form.Get("id"), entry, sel)
}

// lines are the line ends of browsers made those of texts.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func (room *Room) renderSource(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, id string, form url.Values, errs page.FormErrors, wrong *misquoted) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	s := d.source[id]
	if s == nil {
		return page.NotFound()
	}
	t := s.In(locale.Lang(r.URL.Query().Get("text")))
	if entry := s.Of(ledger.ID(form.Get("entry"))); entry != nil {
		t = entry
	}
	if t == nil {
		return page.NotFound()
	}
	v := sourceView{
		ID: id, Who: room.whoSays(r, Who{Name: s.Who, Type: s.Category, Region: s.Region}), Language: langName(s.Lang), Path: s.Path, Place: d.place[id],
		Words: room.length(t), Entry: t.Entry, Lang: t.Lang, Dir: t.Lang.Dir(), Paragraphs: marked(t, d.doc(), id),
	}
	if v.headView, err = room.head(r, actor, d, "compose"); err != nil {
		return err
	}
	v.Errors = errs
	if t.Lang != s.Lang {
		v.Status = t.Status
	}
	for _, n := range s.Needs {
		v.Needs = append(v.Needs, room.needSays(r, n))
	}
	if len(s.Texts) > 1 {
		for _, o := range s.Texts {
			v.Texts = append(v.Texts, textChoice{langName(o.Lang), sourcePath(d, id, "") + "&text=" + url.QueryEscape(string(o.Lang)), o.Entry == t.Entry})
		}
	}
	numbers := d.numbers()
	v.Near = d.near(t, numbers)
	d.doc().Each(func(_ *text.Section, b *text.Block) bool {
		for _, q := range b.Citations {
			if q.Source == id {
				v.Used = append(v.Used, usedView{desk(d.id()) + "/blocks/" + string(b.ID), numbers[b.ID], wordsView{Text: short(q.Quote.Exact, 140), Lang: q.Lang, Dir: q.Lang.Dir()}})
			}
		}
		return true
	})
	v.Cite = room.citeView(r, d, t, v.Near, form, errs, wrong)
	reason, added := room.reasonOf(d.doc(), id)
	for _, o := range d.Omissions {
		if o.Source == id {
			v.Omitted = o.Reason[d.Lang].Text
		}
	}
	if form.Get("do") == "omit" {
		reason, added = form.Get("reason"), form.Get("words")
	}
	v.Reason = page.Field{Name: "reason", Label: r.Text("summary.omit.reason"), Error: errs.Of("reason")}
	for _, one := range Reasons {
		v.Reason.Choices = append(v.Reason.Choices, page.Choice{Value: one, Text: r.Text("summary.reason." + one)})
	}
	page.Choose(v.Reason.Choices, reason)
	v.Reasoned = page.Field{Name: "words", Label: r.Text("summary.omit.words"), Hint: r.Text("summary.omit.words.hint"), Type: "text", Max: maxReason, Optional: true, Value: added, Error: errs.Of("words")}
	return room.pages.source.RenderStatus(noStore{w}, r, status, v)
}

// numbers gives each block its place in the document, from 1.
func (d *draft) numbers() map[text.BlockID]int {
	if d.order == nil {
		d.order = map[text.BlockID]int{}
		d.doc().Each(func(_ *text.Section, b *text.Block) bool {
			d.order[b.ID] = len(d.order) + 1
			return true
		})
	}
	return d.order
}

// near gives the points that a text is most like. It suggests; it decides nothing.
func (d *draft) near(t *Text, numbers map[text.BlockID]int) []nearView {
	var points []similar.Point
	d.doc().Each(func(_ *text.Section, b *text.Block) bool {
		if KindOf(b) == Paragraph {
			return true
		}
		p := similar.Point{ID: string(b.ID), Texts: map[string]string{}}
		for lang, w := range b.Text {
			if w.Text != "" {
				p.Texts[string(lang)] = w.Text
			}
		}
		// A point is also about what it quotes: that is how one in another language is found.
		for _, q := range b.Citations {
			if p.Texts[string(q.Lang)] != "" {
				p.Texts[string(q.Lang)] += "\n"
			}
			p.Texts[string(q.Lang)] += q.Quote.Exact
		}
		if len(p.Texts) > 0 {
			points = append(points, p)
		}
		return true
	})
	var all []nearView
	for _, n := range similar.New(points).Nearest(t.Text, string(t.Lang), nearest) {
		b, _ := d.doc().Block(text.BlockID(n.ID))
		w, lang := b.Text.In(d.Lang, d.Lang)
		all = append(all, nearView{
			ID: n.ID, Path: desk(d.id()) + "/blocks/" + n.ID, Number: numbers[b.ID], Text: wordsView{Text: short(w.Text, 220), Lang: lang, Dir: lang.Dir()},
			Passage: wordsView{Text: short(strings.TrimSpace(t.Text[n.Start:n.End]), 200), Lang: t.Lang, Dir: t.Lang.Dir()}, Shared: n.Shared,
		})
	}
	return all
}

// marked cuts a text into paragraphs, and those where quotations begin and end.
func marked(t *Text, doc *text.Document, source string) [][]stretch {
	var quoted []text.Passage
	doc.Each(func(_ *text.Section, b *text.Block) bool {
		for _, q := range b.Citations {
			if q.Source == source && q.Entry == t.Entry {
				if m := text.Find(t.Text, q.Quote); m.Outcome == text.Found {
					quoted = append(quoted, m.Passage)
				}
			}
		}
		return true
	})
	return cut(t.Text, quoted)
}

func cut(body string, quoted []text.Passage) [][]stretch {
	var all [][]stretch
	start := 0
	for p := range strings.SplitSeq(body, paragraphEnd) {
		end := start + len(p)
		edges := []int{start, end}
		for _, q := range quoted {
			for _, at := range []int{q.Start, q.End} {
				if start < at && at < end {
					edges = append(edges, at)
				}
			}
		}
		slices.Sort(edges)
		var runs []stretch
		for i := 1; i < len(edges); i++ {
			if edges[i] == edges[i-1] {
				continue
			}
			in := slices.ContainsFunc(quoted, func(q text.Passage) bool { return q.Start <= edges[i-1] && edges[i] <= q.End })
			if n := len(runs); n > 0 && runs[n-1].Quoted == in {
				runs[n-1].Text += body[edges[i-1]:edges[i]]
				continue
			}
			runs = append(runs, stretch{body[edges[i-1]:edges[i]], in})
		}
		all = append(all, runs)
		start = end + len(paragraphEnd)
	}
	return all
}

// citeView is the form for a quotation.
func (room *Room) citeView(r *page.Request, d *draft, t *Text, near []nearView, form url.Values, errs page.FormErrors, wrong *misquoted) citeView {
	v := citeView{
		Exact:  page.Field{Name: "exact", Label: r.Text("summary.cite.exact"), Hint: r.Text("summary.cite.exact.hint"), Rows: 4, Value: form.Get("exact"), Error: errs.Of("exact")},
		Prefix: form.Get("prefix"), Suffix: form.Get("suffix"),
		To: page.Field{Name: "to", Label: r.Text("summary.cite.to"), Error: errs.Of("to")},
	}
	if wrong != nil {
		v.Near = wrong.near
		for _, p := range wrong.places {
			v.Places = append(v.Places, placeView{p, wordsView{Text: "… " + p.Prefix + p.Exact + p.Suffix + " …", Lang: t.Lang, Dir: t.Lang.Dir()}})
		}
	}
	choice := func(id string, number int, words string) page.Choice {
		return page.Choice{Value: id, Text: r.Text("summary.cite.block", "N", number, "Text", isolate(short(words, 70)))}
	}
	listed := map[string]bool{}
	for _, n := range near {
		v.To.Choices = append(v.To.Choices, choice(n.ID, n.Number, n.Text.Text))
		listed[n.ID] = true
	}
	for _, s := range d.Sections {
		heading, _ := s.Heading.In(r.Lang, d.Lang)
		v.To.Choices = append(v.To.Choices, page.Choice{Value: "new-" + string(s.ID), Text: r.Text("summary.cite.new", "Section", isolate(heading.Text))})
	}
	numbers := d.numbers()
	d.doc().Each(func(_ *text.Section, b *text.Block) bool {
		if !listed[string(b.ID)] {
			v.To.Choices = append(v.To.Choices, choice(string(b.ID), numbers[b.ID], b.Text[d.Lang].Text))
		}
		return true
	})
	page.Choose(v.To.Choices, form.Get("to"))
	return v
}
