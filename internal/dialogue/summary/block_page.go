package summary

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// blockView is one paragraph with everything about it.
type blockView struct {
	headView
	ID, Path, Section string
	Number, Basis     int
	Kind              page.Field
	IsPoint           bool
	Own               page.Field
	Others            []translationView
	OthersOpen        bool // one of them needs a look
	Actor, Measure    []page.Field
	Date              page.Field
	Quotes            []quoteView
	Findings          []findingView
	Entry, Exact      page.Field
	Conflict          *conflictView
	History           []historyView
}

// translationView is a block in another language.
type translationView struct {
	Text, Status page.Field
	Behind       bool
}

// conflictView shows what two people made of the same paragraph.
type conflictView struct {
	Removed bool
	Fields  []string
	Theirs  []redlineView
	At      string
}

// redlineView is what happened to a text.
type redlineView struct {
	Label string
	Lang  locale.Lang
	Dir   string
	Spans text.Redline
}

type historyView struct {
	When, What string
	Lines      []redlineView
}

// statuses are those that a translation can have before it is published.
var statuses = []text.Status{text.Official, text.Unofficial, text.Machine}

func (room *Room) showBlock(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderBlock(w, r, http.StatusOK, actor, nil, nil, nil)
}

func (room *Room) takeAdd(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id := dialogueOf(r)
	if removed := form.Get("restore"); removed != "" {
		if err := room.RestoreBlock(r.Context(), actor, id, text.BlockID(removed), text.SectionID(form.Get("section"))); err != nil {
			return err
		}
		return r.Redirect(w, desk(id)+"/blocks/"+removed+"?done=restored")
	}
	made, err := room.AddBlock(r.Context(), actor, id, text.SectionID(form.Get("section")), text.BlockID(form.Get("before")), Kind(form.Get("kind")))
	if err != nil {
		return err
	}
	return r.Redirect(w, desk(id)+"/blocks/"+string(made)+"?done=added")
}

func (room *Room) takeBlock(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	id, block := dialogueOf(r), text.BlockID(r.PathValue("block"))
	basis, _ := strconv.Atoi(form.Get("basis"))
	here := desk(id) + "/blocks/" + string(block)
	done, back := "", here
	switch form.Get("do") {
	case "up", "down":
		done, back, err = "moved", desk(id), room.MoveBlock(r.Context(), actor, id, block, form.Get("do") == "down")
		if err == nil {
			return r.Redirect(w, back+"?done="+done+"#b-"+string(block))
		}
	case "remove":
		done, back, err = "removed", desk(id), room.RemoveBlock(r.Context(), actor, id, block, basis)
	case "uncite":
		done, err = "uncited", room.Uncite(r.Context(), actor, id, block, text.CitationID(form.Get("citation")))
	case "cite":
		entry, bad := room.entryOf(r, form.Get("entry"))
		if err = bad; err == nil {
			err = room.Cite(r.Context(), actor, id, block, "", entry, text.Selector{Exact: lines(form.Get("exact"))})
		}
		done = "cited"
	default:
		done, back = "saved", desk(id)
		err = room.saveTyped(r, actor, block, basis, form)
		if err == nil {
			return r.Redirect(w, back+"?done="+done+"#b-"+string(block))
		}
	}
	var clash *text.Conflict
	if errors.As(err, &clash) {
		return room.renderBlock(w, r, http.StatusConflict, actor, form, nil, clash)
	}
	if err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderBlock(w, r, http.StatusUnprocessableEntity, actor, form, errs, nil)
	}
	return r.Redirect(w, back+"?done="+done)
}

// entryOf finds an entry of the record by its name, its number or the address of its page.
func (room *Room) entryOf(r *page.Request, s string) (ledger.ID, error) {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	if id := ledger.ID(s); id.Valid() {
		return id, nil
	}
	index, err := strconv.ParseInt(strings.NewReplacer(",", "", " ", "", "\u202f", "", "\u00a0", "").Replace(s), 10, 64)
	if err != nil || index < 0 {
		return "", invalid("entry", "summary.problem.noentry")
	}
	e, err := room.o.Ledger.Entry(r.Context(), index)
	if errors.Is(err, ledger.ErrNotFound) {
		return "", invalid("entry", "summary.problem.noentry")
	}
	if err != nil {
		return "", err
	}
	return e.Leaf.ID, nil
}

// saveTyped keeps what was typed into the form of a block.
func (room *Room) saveTyped(r *page.Request, actor party.Actor, block text.BlockID, basis int, form url.Values) error {
	kind := Kind(form.Get("kind"))
	if !slices.Contains(Kinds, kind) {
		return invalid("kind", "summary.problem.kind")
	}
	var errs []error
	read := func(name string, max int) (map[locale.Lang]string, bool) {
		all, any := map[locale.Lang]string{}, false
		for _, lang := range Langs {
			at := name + "-" + string(lang)
			if !form.Has(at) {
				continue
			}
			s, err := typed(at, lines(form.Get(at)), max)
			errs = append(errs, err)
			all[lang], any = s, true
		}
		return all, any
	}
	texts, _ := read("text", maxWords)
	actors, asked := read("actor", maxLine)
	measures, _ := read("measure", maxReason)
	date := strings.TrimSpace(form.Get("date"))
	if d, err := locale.ParseDate(date); date != "" && (err != nil || d.Year == 0) {
		errs = append(errs, invalid("date", "summary.problem.date"))
	}
	if err := page.Collect(errs...); err != nil {
		return err
	}
	var own locale.Lang
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		s, err := room.summary(tx, dialogueOf(r))
		if err == nil {
			own = s.Langs[0]
		}
		return err
	})
	if err != nil {
		return notFound(err)
	}
	return room.SaveBlock(r.Context(), actor, dialogueOf(r), block, basis, func(b *text.Block) {
		setKind(b, kind)
		set(b.Text, texts, own, func(lang locale.Lang) text.Status { return text.Status(form.Get("status-" + string(lang))) })
		// A translation that was typed, or left standing beside an original that its writer saw, is of that original.
		for lang, w := range b.Text {
			if lang != own && form.Get("of-"+string(lang)) != "" {
				w.Of = text.Fingerprint(b.Text[own].Text)
				b.Text[lang] = w
			}
		}
		if kind != Recommendation || !asked {
			return
		}
		asks := &text.Asks{Actor: text.Words{}, Measure: text.Words{}, Date: date}
		set(asks.Actor, actors, own, nil)
		set(asks.Measure, measures, own, nil)
		if len(asks.Actor) == 0 {
			asks.Actor = nil
		}
		if len(asks.Measure) == 0 {
			asks.Measure = nil
		}
		if b.Asks = asks; asks.Actor == nil && asks.Measure == nil && date == "" {
			b.Asks = nil
		}
	})
}

// set takes over what was typed by language. What was not changed stays as it is, with what it translates.
func set(w text.Words, typed map[locale.Lang]string, own locale.Lang, status func(locale.Lang) text.Status) {
	for lang, s := range typed {
		was, had := w[lang]
		next := was
		if next.Text = s; s != was.Text {
			next.Of = ""
			if lang != own && s != "" {
				next.Of = text.Fingerprint(typed[own])
			}
		}
		switch {
		case lang == own || status == nil:
			next.Status = text.Editors
		case slices.Contains(statuses, status(lang)):
			next.Status = status(lang)
		default:
			next.Status = text.Unofficial
		}
		if s == "" {
			if had {
				delete(w, lang)
			}
			continue
		}
		w[lang] = next
	}
}

func (room *Room) renderBlock(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors, clash *text.Conflict) error {
	d, err := room.begun(r, actor)
	if err != nil {
		return err
	}
	b, s := d.doc().Block(text.BlockID(r.PathValue("block")))
	if b == nil && (clash == nil || !clash.Removed) {
		return page.NotFound()
	}
	v := blockView{Path: desk(d.id()) + "/blocks/" + r.PathValue("block"), ID: r.PathValue("block")}
	if v.headView, err = room.head(r, actor, d, "compose"); err != nil {
		return err
	}
	v.Errors = errs
	shown := &text.Block{}
	if b != nil {
		heading, _ := s.Heading.In(r.Lang, d.Lang)
		v.Section, v.Number, v.Basis = heading.Text, d.numbers()[b.ID], d.Stamps[string(b.ID)].Edit
		shown = b
		for _, f := range room.lint(d, only(d.doc(), b, s)) {
			if f.Block == b.ID && f.Citation == "" {
				v.Findings = append(v.Findings, room.findingView(r, d, f))
			}
		}
		wrong := map[text.CitationID][]findingView{}
		for _, f := range room.lint(d, only(d.doc(), b, s)) {
			if f.Citation != "" {
				wrong[f.Citation] = append(wrong[f.Citation], room.findingView(r, d, f))
			}
		}
		for _, q := range b.Citations {
			one := room.quoteView(r, d, q, text.MaxQuote)
			one.Wrong = wrong[q.ID]
			v.Quotes = append(v.Quotes, one)
		}
	}
	typing := form.Has("kind") && form.Get("do") == ""
	if form.Has("basis") && typing {
		v.Basis, _ = strconv.Atoi(form.Get("basis"))
	}
	if clash != nil {
		v.Conflict = room.conflictView(r, d, clash)
		if !clash.Removed {
			// What is sent next has both before its writer: the merged words, on top of what the other has made.
			shown, v.Basis, typing = &clash.Merged, clash.Edit, false
		}
	}
	room.blockFields(r, d, shown, form, errs, typing, &v)
	if err := room.history(r, d, &v); err != nil {
		return err
	}
	return room.pages.block.RenderStatus(noStore{w}, r, status, v)
}

// blockFields fills the form of a block, with what was typed where it needs another look.
func (room *Room) blockFields(r *page.Request, d *draft, b *text.Block, form url.Values, errs page.FormErrors, typing bool, v *blockView) {
	value := func(name, stands string) string {
		if typing {
			return form.Get(name)
		}
		return stands
	}
	v.Kind = page.Field{Name: "kind", Label: r.Text("summary.kind"), Error: errs.Of("kind")}
	for _, k := range Kinds {
		v.Kind.Choices = append(v.Kind.Choices, page.Choice{Value: string(k), Text: r.Text("summary.kind." + string(k)), Hint: r.Text("summary.kind." + string(k) + ".hint")})
	}
	kind := value("kind", string(KindOf(b)))
	v.IsPoint = Kind(kind) == Point || Kind(kind) == MainPoint
	page.Choose(v.Kind.Choices, kind)
	area := func(name string, lang locale.Lang, label, stands string, rows, max int) page.Field {
		at := name + "-" + string(lang)
		return page.Field{Name: at, Label: label, Rows: rows, Max: max, Value: value(at, stands), Error: errs.Of(at)}
	}
	asks := b.Asks
	if asks == nil {
		asks = &text.Asks{}
	}
	for _, lang := range d.Langs {
		in := langName(lang)
		f := area("text", lang, r.Text("summary.text", "Lang", in), b.Text[lang].Text, 7, maxWords)
		actor := area("actor", lang, r.Text("summary.asks.actor")+" · "+in, asks.Actor[lang].Text, 1, 0)
		measure := area("measure", lang, r.Text("summary.asks.measure")+" · "+in, asks.Measure[lang].Text, 2, 0)
		if lang == d.Lang {
			v.Own, v.Actor, v.Measure = f, append([]page.Field{actor}, v.Actor...), append([]page.Field{measure}, v.Measure...)
			continue
		}
		v.Actor, v.Measure = append(v.Actor, actor), append(v.Measure, measure)
		t := translationView{Text: f, Behind: b.Text.Behind(lang, d.Lang)}
		t.Status = page.Field{Name: "status-" + string(lang), Label: r.Text("summary.status", "Lang", in)}
		for _, s := range statuses {
			t.Status.Choices = append(t.Status.Choices, page.Choice{Value: string(s), Text: r.Text("summary.status." + string(s))})
		}
		now := b.Text[lang].Status
		if now == "" || now == text.Editors {
			now = text.Unofficial
		}
		page.Choose(t.Status.Choices, cmp.Or(value("status-"+string(lang), ""), string(now)))
		v.Others = append(v.Others, t)
		v.OthersOpen = v.OthersOpen || t.Text.Error != "" || t.Behind
	}
	v.Date = page.Field{Name: "date", Label: r.Text("summary.asks.date"), Hint: r.Text("summary.asks.date.hint"), Type: "text", LTR: true, Max: 10, Value: value("date", asks.Date), Error: errs.Of("date")}
	v.Entry = page.Field{Name: "entry", Label: r.Text("summary.cite.entry"), Hint: r.Text("summary.cite.entry.hint"), Type: "text", LTR: true, Max: 200, Value: form.Get("entry"), Error: errs.Of("entry")}
	v.Exact = page.Field{Name: "exact", Label: r.Text("summary.cite.exact"), Rows: 3, Value: form.Get("exact"), Error: errs.Of("exact")}
}

// conflictView puts into words what somebody else made of the same paragraph.
func (room *Room) conflictView(r *page.Request, d *draft, c *text.Conflict) *conflictView {
	v := &conflictView{Removed: c.Removed, At: r.Instant(c.At.In(d.Zone))}
	for _, f := range c.Fields {
		name, lang, _ := strings.Cut(f, " ")
		v.Fields = append(v.Fields, r.Text("summary.field."+name, "Lang", langName(locale.Lang(lang))))
	}
	v.Theirs = redlines(r, text.Words(c.Base.Text), c.Theirs.Text, "summary.conflict.theirs")
	v.Theirs = append(v.Theirs, redlines(r, c.Base.Text, c.Yours.Text, "summary.conflict.yours")...)
	return v
}

// redlines compares words, language by language; languages in which nothing happened are left out.
func redlines(r *page.Request, before, after text.Words, label string) []redlineView {
	var all []redlineView
	for _, lang := range Langs {
		if before[lang].Text == after[lang].Text {
			continue
		}
		all = append(all, redlineView{r.Text(label, "Lang", langName(lang)), lang, lang.Dir(), text.Diff(before[lang].Text, after[lang].Text)})
	}
	return all
}

// historyShown is how many changes of a paragraph are listed.
const historyShown = 12

// history lists what happened to a block, as redlines.
func (room *Room) history(r *page.Request, d *draft, v *blockView) error {
	var all []text.Change
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		all, err = room.texts.History(tx, d.Doc, v.ID, 0, historyShown+1)
		return err
	})
	if err != nil {
		return err
	}
	for i, c := range all {
		if i == historyShown {
			break
		}
		before := text.Words{}
		if i+1 < len(all) {
			before = all[i+1].Body.Text
		}
		v.History = append(v.History, historyView{r.Instant(c.At.In(d.Zone)), r.Text("summary.change." + string(c.What)), redlines(r, before, c.Body.Text, "summary.change.in")})
	}
	return nil
}
