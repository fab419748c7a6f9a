package followup

import (
	"net/http"
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// dialogueView is what became of the points of a dialogue, and of those of the one before.
type dialogueView struct {
	Sample             bool
	ID, Title          string
	Former, FormerPath string
	Opening, Points    []pointLine
}

// pointLine is a point in short.
type pointLine struct {
	Path   string
	Text   *text
	Kind   string
	Need   string
	Sample bool
	Lines  []lineView
	Links  []linkView
}

func (room *Room) showDialogue(w http.ResponseWriter, r *page.Request) error {
	var v dialogueView
	id := r.PathValue("dialogue")
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		v = dialogueView{ID: id}
		title, ok, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		all, err := room.Of(tx, id)
		if err != nil {
			return err
		}
		if !ok && len(all) == 0 {
			return page.NotFound()
		}
		if v.Title = plain(title, r.Lang); v.Title == "" {
			v.Title = id
		}
		if v.Points, err = room.pointLines(tx, r, all, &v.Sample); err != nil {
			return err
		}
		former, opening, err := room.Opening(tx, id)
		if err != nil || former == "" {
			return err
		}
		if v.Former, err = room.dialogueTitle(tx, former, r.Lang); err != nil {
			return err
		}
		v.FormerPath = followUpPath(former)
		v.Opening, err = room.pointLines(tx, r, opening, &v.Sample)
		return err
	})
	if err != nil {
		return err
	}
	return room.pages.dialogue.Render(w, r, v)
}

func (room *Room) pointLines(tx *store.Tx, r *page.Request, all []*Known, sample *bool) ([]pointLine, error) {
	var lines []pointLine
	for _, k := range all {
		p := k.Point
		*sample = *sample || p.Sample
		l := pointLine{Path: pointPath(p.ID), Text: say(r, p.Text), Kind: r.Text("followup.point." + string(p.Kind)), Sample: p.Sample, Lines: room.lines(r, k.Lines)}
		if p.Need != "" {
			l.Need = named(room.o.Needs, p.Need, r.Lang)
		}
		var err error
		if l.Links, err = room.linkViews(tx, r, k.Links); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

type linkView struct {
	ID, Relation   string
	Dialogue, Path string
	Why            *text
	On             locale.Date
	Entry          ledger.ID
	Entered        page.Entered
}

func (room *Room) linkViews(tx *store.Tx, r *page.Request, all []Link) ([]linkView, error) {
	var views []linkView
	for _, l := range all {
		title, err := room.dialogueTitle(tx, l.Later, r.Lang)
		if err != nil {
			return nil, err
		}
		v := linkView{ID: l.ID, Relation: r.Text("followup.relation." + string(l.Relation)), Dialogue: title, Path: followUpPath(l.Later), Why: say(r, l.Why), On: locale.DateOf(l.At.UTC()), Entry: l.Entry}
		if l.Item != "" {
			v.Path = pointPath(PointID(l.Item))
		}
		views = append(views, v)
	}
	return views, nil
}

// pointView is one point with everything that is known of it.
type pointView struct {
	Sample         bool
	Gone           bool
	Path, ViewPath string
	Kind, Need     string
	Dialogue       string
	DialoguePath   string
	Text           *text
	On             locale.Date
	Lines          []lineView
	Sides          []sideView
	Views          []viewView
	Deliveries     []deliveryView
	Links          []linkView
	Rests          []page.Entered
	Acts           []actView
	LinkPath       string
}

// sideView is what one State says and what stakeholders say of it, side by side.
type sideView struct {
	State   string
	Answers []answerLine
	Views   []viewView
}

// answerLine is what a State says, as everybody reads it.
type answerLine struct {
	Number         int
	Kind           string
	Stage          Stage
	On             locale.Date
	Text, Reason   *text
	Measure, Owner *text
	Date           *locale.Date
	Evidence       []evidenceView
	Entry          ledger.ID
	Entered        page.Entered
	Former, Gone   bool
}

type viewView struct {
	ID       string
	Who      string
	Kind     string
	On       locale.Date
	Text     *text
	Evidence []evidenceView
	Entry    ledger.ID
	Entered  page.Entered
	Gone     bool
}

// evidenceView is an address elsewhere, or an entry of the record.
type evidenceView struct {
	URL     string
	Entry   ledger.ID
	Entered page.Entered
}

type deliveryView struct {
	State, Way    string
	On, Confirmed locale.Date
	Known         bool
}

type actView struct {
	Text    string
	On      locale.Date
	Entry   ledger.ID
	Entered page.Entered
}

func (room *Room) showPoint(w http.ResponseWriter, r *page.Request) error {
	var v pointView
	var k *Known
	var acts []Act
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if k, err = room.Known(tx, PointID(r.PathValue("point"))); err != nil {
			return notFound(err)
		}
		if acts, err = room.Acts(tx, k.Point.ID); err != nil {
			return err
		}
		v = pointView{}
		if v.Dialogue, err = room.dialogueTitle(tx, k.Point.Origin, r.Lang); err != nil {
			return err
		}
		v.Links, err = room.linkViews(tx, r, k.Links)
		return err
	})
	if err != nil {
		return err
	}
	p := k.Point
	v.Sample, v.Gone, v.Path, v.ViewPath, v.LinkPath = p.Sample, !p.Withdrawn.IsZero(), pointPath(p.ID), "/desk/views/"+string(p.ID), "/desk/links/"+string(p.ID)
	v.Kind, v.DialoguePath, v.Text, v.On = r.Text("followup.point."+string(p.Kind)), followUpPath(p.Origin), say(r, p.Text), locale.DateOf(p.At.UTC())
	if p.Need != "" {
		v.Need = named(room.o.Needs, p.Need, r.Lang)
	}
	v.Lines = room.lines(r, k.Lines)
	v.Sides, v.Views = room.sides(r, k)
	v.Deliveries = room.deliveryViews(r, k.Deliveries)
	for _, a := range acts {
		text := r.Text("followup.act."+a.What, "State", "")
		if a.State != "" {
			text = r.Text("followup.act."+a.What, "State", room.StateName(r.Lang, a.State))
		}
		v.Acts = append(v.Acts, actView{Text: text, On: locale.DateOf(a.At.UTC()), Entry: a.Entry})
	}
	if err := room.placeAll(r, &v, p.Cites); err != nil {
		return err
	}
	return room.pages.point.Render(w, r, v)
}

// sides puts what each State says beside what stakeholders say of it. What is said of the point itself comes back apart.
func (room *Room) sides(r *page.Request, k *Known) (sides []sideView, views []viewView) {
	byState := map[string]*sideView{}
	side := func(code string) *sideView {
		if byState[code] == nil {
			byState[code] = &sideView{State: room.StateName(r.Lang, code)}
		}
		return byState[code]
	}
	for _, a := range k.Answers {
		s := side(a.State)
		if a.Stage == Published && a.Kind != Progress {
			for i := range s.Answers {
				s.Answers[i].Former = s.Answers[i].Stage == Published
			}
		}
		s.Answers = append(s.Answers, answerIn(r, a))
	}
	for _, v := range k.Views {
		if v.About == "" {
			views = append(views, room.viewIn(r, v))
			continue
		}
		s := side(v.About)
		s.Views = append(s.Views, room.viewIn(r, v))
	}
	var codes []string
	for code := range byState {
		codes = append(codes, code)
	}
	for _, code := range room.byName(r.Lang, codes) {
		sides = append(sides, *byState[code])
	}
	return sides, views
}

func answerIn(r *page.Request, a Answer) answerLine {
	l := answerLine{
		Number: a.Number, Kind: r.Text("followup.kind." + string(a.Kind)), Stage: a.Stage, On: locale.DateOf(a.At.UTC()),
		Text: say(r, a.Text), Reason: say(r, a.Reason), Measure: say(r, a.Measure), Owner: say(r, a.Owner),
		Evidence: evidence(a.Evidence), Entry: a.Entry, Gone: a.Stage == Withdrawn,
	}
	if d, err := locale.ParseDate(a.Date); err == nil && a.Kind.Commits() {
		l.Date = &d
	}
	return l
}

// who says who speaks: the organisation where it is named, or else its category.
func (room *Room) who(l locale.Lang, v View) string {
	if v.Named && v.Name != "" {
		return v.Name
	}
	return named(room.o.Categories, v.Category, l)
}

func (room *Room) viewIn(r *page.Request, v View) viewView {
	return viewView{
		ID: v.ID, Who: room.who(r.Lang, v), Kind: r.Text("followup.view." + string(v.Kind)), On: locale.DateOf(v.At.UTC()), Text: say(r, v.Text),
		Evidence: evidence(v.Evidence), Entry: v.Entry, Gone: !v.Withdrawn.IsZero(),
	}
}

func evidence(all []string) []evidenceView {
	var views []evidenceView
	for _, e := range all {
		if id := ledger.ID(e); id.Valid() {
			views = append(views, evidenceView{Entry: id})
		} else {
			views = append(views, evidenceView{URL: e})
		}
	}
	return views
}

func (room *Room) deliveryViews(r *page.Request, all []Delivery) []deliveryView {
	var codes []string
	for _, d := range all {
		codes = append(codes, d.State)
	}
	slices.Sort(codes)
	var views []deliveryView
	for _, code := range room.byName(r.Lang, slices.Compact(codes)) {
		for _, d := range all {
			if d.State == code {
				views = append(views, deliveryView{room.StateName(r.Lang, code), r.Text("followup.way." + string(d.Way)), d.Day, d.Confirmed, d.Confirmed != (locale.Date{})})
			}
		}
	}
	return views
}

// placeAll looks up, at once, where everything that a page shows stands in the record.
func (room *Room) placeAll(r *page.Request, v *pointView, cites []ledger.ID) error {
	var ids []ledger.ID
	each := func(at func(id ledger.ID, e *page.Entered)) {
		for i := range v.Acts {
			at(v.Acts[i].Entry, &v.Acts[i].Entered)
		}
		for i := range v.Links {
			at(v.Links[i].Entry, &v.Links[i].Entered)
		}
		said := func(views []viewView) {
			for i := range views {
				at(views[i].Entry, &views[i].Entered)
				for j := range views[i].Evidence {
					at(views[i].Evidence[j].Entry, &views[i].Evidence[j].Entered)
				}
			}
		}
		said(v.Views)
		for i := range v.Sides {
			said(v.Sides[i].Views)
			for j := range v.Sides[i].Answers {
				a := &v.Sides[i].Answers[j]
				at(a.Entry, &a.Entered)
				for n := range a.Evidence {
					at(a.Evidence[n].Entry, &a.Evidence[n].Entered)
				}
			}
		}
	}
	each(func(id ledger.ID, _ *page.Entered) { ids = append(ids, id) })
	places, err := room.places(r, append(ids, cites...)...)
	if err != nil {
		return err
	}
	each(func(id ledger.ID, e *page.Entered) { *e = page.EnteredAt(places, id) })
	for _, id := range cites {
		v.Rests = append(v.Rests, page.EnteredAt(places, id))
	}
	return nil
}

// fileName is a name for a file to download, of letters that every system takes.
func fileName(parts ...string) string { return strings.ReplaceAll(strings.Join(parts, "-"), "/", "-") }
