package dialogue

import (
	"net/http"

	"rostrum.example/internal/page"
)

type carriedView struct {
	Path, Text string
	TakeUps    []refView
}

type chairView struct{ Name, Country string }

type sectionView struct {
	ID, Heading, Note string
	Items             []itemView
}

type dialogueView struct {
	Title, Group, Date, NumberSays string
	Words                          wordsView
	Follows                        []string
	Chairs                         []chairView
	Proof                          proofView
	Sources                        []sourceView
	Counts                         []countView
	Carried                        []carriedView
	CarriedDate                    string
	Sections                       []sectionView
	VerifyTarget                   string
	Machine                        bool
}

func (w *Wing) showDialogue(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	d, ok := c.record.Find(ID(r.PathValue("dialogue")))
	if !ok {
		if w.convening != nil {
			return w.convening.ShowDialogue(rw, r, ID(r.PathValue("dialogue")))
		}
		return page.NotFound()
	}
	if err := c.locate(d.Items); err != nil {
		return err
	}
	v := dialogueView{
		Title: c.title(d), Words: c.words(d.Opening.Text, "text"), Group: c.group(d), Date: c.date(d.Opening.Date),
		Proof: c.proof(d.Opening.Entry), Sources: c.sources(d.Opening.Sources), VerifyTarget: r.Base(),
	}
	if d.Opening.Number > 0 {
		key := "dialogue.number"
		if d.Opening.NumberBasis == "inferred" {
			key = "dialogue.number.inferred"
		}
		v.NumberSays = r.Text(key, "N", d.Opening.Number)
	}
	for _, p := range d.Opening.Chairs {
		v.Chairs = append(v.Chairs, chairView{p.Name, c.wing.catalogues.Country(r.Lang, p.Country)})
	}
	for _, f := range d.Opening.Follows {
		if len(f.Text) > 0 {
			v.Follows = append(v.Follows, c.plain(f.Text))
		}
	}
	for _, it := range d.Of(Count) {
		v.Counts = append(v.Counts, c.count(d, it))
	}
	for _, carried := range c.record.CarriedOver(d) {
		cv := carriedView{Path: tracePath(carried.Point.Ref()), Text: c.plain(carried.Point.Text)}
		for _, t := range carried.TakeUps {
			cv.TakeUps = append(cv.TakeUps, refView{Path: itemPath(t.Item), Text: c.plain(t.Item.Text)})
		}
		v.Carried = append(v.Carried, cv)
		v.CarriedDate = c.date(carried.Dialogue.Opening.Date)
	}
	for _, kind := range []Kind{Point, Recommendation, Statement, Topic, Question, TourDeTable, Note} {
		s := sectionView{ID: string(kind), Heading: r.Text("dialogue.section." + string(kind))}
		if kind == Statement {
			s.Note = r.Text("dialogue.section.statement.note")
		}
		for _, it := range d.Of(kind) {
			s.Items = append(s.Items, c.item(it))
		}
		if len(s.Items) > 0 {
			v.Sections = append(v.Sections, s)
		}
	}
	v.Machine = c.machine
	return w.dialogue.Render(rw, r, v)
}
