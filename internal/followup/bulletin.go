package followup

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Bulletin writes what moved from one day to another, both included, as a text for a bulletin or a mail: plain, or with the
// marks of Markdown. It says what the record holds and nothing else; ok is false where nothing moved.
func (room *Room) Bulletin(tx *store.Tx, lang locale.Lang, from, to locale.Date, marked bool) (text string, ok bool, err error) {
	c := room.o.Catalogues
	since := time.Date(from.Year, from.Month, from.Day, 0, 0, 0, 0, time.UTC)
	until := time.Date(to.Year, to.Month, to.Day+1, 0, 0, 0, 0, time.UTC)
	acts, err := room.actsBetween(tx, since, until)
	if err != nil {
		return "", false, err
	}
	var order []PointID
	byPoint := map[PointID][]Act{}
	for _, a := range acts {
		if byPoint[a.Point] == nil {
			order = append(order, a.Point)
		}
		byPoint[a.Point] = append(byPoint[a.Point], a)
	}
	w := pen{marked: marked}
	w.heading(1, c.Text(lang, "followup.bulletin.heading", "From", c.Date(lang, from), "To", c.Date(lang, to)))
	dialogues, sample := map[string][]*Known{}, false
	var origins []string
	for _, id := range order {
		k, err := room.Known(tx, id)
		if err != nil {
			return "", false, err
		}
		sample = sample || k.Point.Sample
		if dialogues[k.Point.Origin] == nil {
			origins = append(origins, k.Point.Origin)
		}
		dialogues[k.Point.Origin] = append(dialogues[k.Point.Origin], k)
	}
	if sample {
		w.paragraph(c.Text(lang, "page.sample"))
	}
	if len(order) == 0 {
		w.paragraph(c.Text(lang, "followup.bulletin.nothing"))
		return w.String(), false, nil
	}
	slices.Sort(origins)
	for _, origin := range origins {
		title, err := room.dialogueTitle(tx, origin, lang)
		if err != nil {
			return "", false, err
		}
		w.heading(2, title)
		all := dialogues[origin]
		slices.SortFunc(all, func(a, b *Known) int { return a.Point.Place - b.Point.Place })
		for _, k := range all {
			room.bulletinPoint(&w, lang, k, byPoint[k.Point.ID])
		}
	}
	w.paragraph(c.Text(lang, "followup.nobody"))
	return w.String(), true, nil
}

func (room *Room) bulletinPoint(w *pen, lang locale.Lang, k *Known, acts []Act) {
	c := room.o.Catalogues
	w.heading(3, first(room.shown(&k.Point, lang, maxText), c.Text(lang, "followup.gone")))
	seen := map[string]bool{}
	for _, a := range acts {
		state := ""
		if a.State != "" {
			state = room.StateName(lang, a.State)
		}
		line := c.Date(lang, locale.DateOf(a.At.UTC())) + ": " + c.Text(lang, "followup.act."+a.What, "State", state)
		if !seen[line] {
			w.item(line)
		}
		seen[line] = true
	}
	w.paragraph(c.Text(lang, "followup.bulletin.now"))
	for _, l := range k.Lines {
		v := room.line(lang, l)
		if len(v.More) > 0 {
			v.Text += " (" + c.List(lang, v.More) + ")"
		}
		w.item(v.Text)
	}
	w.address(room.o.Address() + "/" + string(lang) + pointPath(k.Point.ID))
}

// pen writes a text of headings, paragraphs and lists.
type pen struct {
	marked bool
	b      strings.Builder
	listed bool
}

func (w *pen) gap() {
	if w.b.Len() > 0 {
		w.b.WriteString("\n")
	}
	w.listed = false
}

func (w *pen) heading(level int, s string) {
	w.gap()
	if w.marked {
		w.b.WriteString(strings.Repeat("#", level) + " ")
		s = markdown(s)
	} else if level == 1 {
		s = strings.ToUpper(s)
	}
	w.b.WriteString(s + "\n")
}

func (w *pen) paragraph(s string) {
	w.gap()
	if w.marked {
		s = markdown(s)
	}
	w.b.WriteString(s + "\n")
}

func (w *pen) item(s string) {
	if !w.listed {
		w.gap()
	}
	w.listed = true
	if w.marked {
		s = markdown(s)
	}
	w.b.WriteString("- " + s + "\n")
}

func (w *pen) address(s string) {
	w.gap()
	if w.marked {
		s = "<" + s + ">"
	}
	w.b.WriteString(s + "\n")
}

func (w *pen) String() string { return w.b.String() }

// markdown escapes what Markdown would take for marks or for HTML.
func markdown(s string) string {
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\`*_[]<>|~&", r) || i == 0 && strings.ContainsRune("#+-", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

type bulletinView struct {
	Errors                  page.FormErrors
	From, To                page.Field
	Lang, Form              page.Field
	Ready                   bool
	Text, TextLang, TextDir string
}

// showBulletin makes the text for a period; with a file asked for, it gives it to be saved.
func (room *Room) showBulletin(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	if !party.MayAnywhere(actor, announce) {
		return party.Allow(actor, announce, party.WholeInstance())
	}
	q := r.URL.Query()
	today := locale.DateOf(room.o.Clock().UTC())
	lang := locale.Lang(first(q.Get("in"), string(r.Lang)))
	form := first(q.Get("form"), "text")
	v := bulletinView{
		From: page.Field{Name: "from", Label: r.Text("followup.bulletin.from"), Type: "date", LTR: true, Value: first(q.Get("from"), locale.DateOf(room.o.Clock().UTC().AddDate(0, 0, -30)).String())},
		To:   page.Field{Name: "to", Label: r.Text("followup.bulletin.to"), Type: "date", LTR: true, Value: first(q.Get("to"), today.String())},
		Lang: page.Field{Name: "in", Label: r.Text("followup.bulletin.lang")},
		Form: page.Field{Name: "form", Label: r.Text("followup.bulletin.form"), Choices: choices(r, "followup.bulletin.form.", []string{"text", "markdown"}, form)},
	}
	for _, l := range locale.Langs {
		v.Lang.Choices = append(v.Lang.Choices, page.Choice{Value: string(l), Text: l.Name(), Chosen: l == lang})
	}
	from, errFrom := readPeriod("from", v.From.Value)
	to, errTo := readPeriod("to", v.To.Value)
	err := page.Collect(errFrom, errTo)
	if err == nil && before(to, from) {
		err = invalid("to", "followup.bulletin.order")
	}
	if err == nil && (!lang.Known() || form != "text" && form != "markdown") {
		err = page.NotFound()
	}
	if err != nil {
		errs, err := explain(r, err)
		if err != nil {
			return err
		}
		v.Errors, v.From.Error, v.To.Error = errs, errs.Of("from"), errs.Of("to")
		return room.pages.bulletin.RenderStatus(w, r, http.StatusUnprocessableEntity, v)
	}
	var text string
	err = room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		text, _, err = room.Bulletin(tx, lang, from, to, form == "markdown")
		return err
	})
	if err != nil {
		return err
	}
	if q.Get("file") == "yes" {
		name, kind := "bulletin-"+from.String()+"-"+to.String()+".txt", "text/plain; charset=utf-8"
		if form == "markdown" {
			name, kind = strings.TrimSuffix(name, "txt")+"md", "text/markdown; charset=utf-8"
		}
		return page.Download(w, name, kind, []byte(text))
	}
	v.Ready, v.Text, v.TextLang, v.TextDir = true, text, string(lang), lang.Dir()
	return room.pages.bulletin.Render(w, r, v)
}

func readPeriod(field, s string) (locale.Date, error) {
	d, err := locale.ParseDate(s)
	if err != nil || d.Day == 0 {
		return d, invalid(field, "followup.day.bad")
	}
	return d, nil
}
