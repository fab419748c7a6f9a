package dialogue

import (
	"context"
	"net/http"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
)

// The shapes below are the interface for programs; docs/api.md and /api/v1/openapi.json describe them.

type apiEntry struct {
	Index *int64    `json:"index"` // null while it is being entered
	ID    ledger.ID `json:"id"`
}

type apiCount struct {
	ID         ItemID     `json:"id"`
	What       string     `json:"what"`
	Kind       string     `json:"kind"`
	Number     int        `json:"number"`
	Bound      string     `json:"bound"`
	Scope      string     `json:"scope"`
	Definition Words      `json:"definition"`
	SumOf      []ItemID   `json:"sum_of,omitempty"`
	Source     []Citation `json:"source"`
	Entry      apiEntry   `json:"entry"`
}

type apiItem struct {
	ID       ItemID     `json:"id"`
	Need     string     `json:"need,omitempty"`
	Main     bool       `json:"main,omitempty"`
	Text     Words      `json:"text"`
	Quotable bool       `json:"quotable"`
	Speaker  *Speaker   `json:"speaker,omitempty"`
	Source   []Citation `json:"source"`
	Trace    string     `json:"trace,omitempty"`
	Entry    apiEntry   `json:"entry"`
}

type apiCarried struct {
	Point   string       `json:"point"`
	Text    Words        `json:"text"`
	TakenUp []apiTakenUp `json:"taken_up"`
}

type apiTakenUp struct {
	Item     string `json:"item"`
	Relation string `json:"relation"`
	Why      Words  `json:"why"`
	DrawnBy  string `json:"drawn_by"`
	DrawnOn  string `json:"drawn_on"`
}

type apiDialogue struct {
	ID            ID       `json:"id"`
	Title         Words    `json:"title"`
	Date          string   `json:"date"`
	WorkingGroup  string   `json:"working_group"` // the first
	WorkingGroups []string `json:"working_groups"`
	Mechanism     string   `json:"mechanism"`
	Number        int      `json:"number"`
	NumberBasis   string   `json:"number_basis"`
	Entry         apiEntry `json:"entry"`
}

type apiDetail struct {
	apiDialogue
	Chairs          []Chair      `json:"chairs"`
	Counts          []apiCount   `json:"counts"`
	Needs           []string     `json:"needs"`
	Points          []apiItem    `json:"points"`
	Recommendations []apiItem    `json:"recommendations"`
	Statements      []apiItem    `json:"statements"`
	Topics          []apiItem    `json:"topics"`
	Notes           []apiItem    `json:"notes"`
	CarriedOver     []apiCarried `json:"carried_over"`
	Sources         []*Source    `json:"sources"`
}

// apiSummary is the Chair's summary as far as it is public: its points, and for each what it cites. The
// interventions of past dialogues were not published, so nothing can be cited and no coverage be counted.
type apiSummary struct {
	Dialogue ID              `json:"dialogue"`
	Status   string          `json:"status"` // gists: the points are known in our own words only
	Points   []apiSummaryRow `json:"points"`
	Coverage apiCoverage     `json:"coverage"`
}

type apiSummaryRow struct {
	apiItem
	RestsOn   string     `json:"rests_on"`
	Says      Words      `json:"rests_on_text"`
	Citations []struct{} `json:"citations"`
}

type apiCoverage struct {
	Known  bool   `json:"known"`
	Reason string `json:"reason,omitempty"`
}

func (w *Wing) serveAPI(s *page.Site) {
	s.API("GET /api/v1/dialogues", w.apiList)
	s.API("GET /api/v1/dialogues/{dialogue}", w.apiOne)
	s.API("GET /api/v1/dialogues/{dialogue}/summary", w.apiSummary)
}

func (w *Wing) apiList(rw http.ResponseWriter, r *page.Request) error {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return err
	}
	var openings []*Item
	for _, d := range c.record.Dialogues {
		openings = append(openings, d.Opening)
	}
	if err := c.locate(openings); err != nil {
		return err
	}
	list := []apiDialogue{}
	for _, d := range c.record.Dialogues {
		list = append(list, c.api(d))
	}
	return page.JSON(rw, http.StatusOK, struct {
		Dialogues []apiDialogue `json:"dialogues"`
	}{list})
}

func (w *Wing) apiOne(rw http.ResponseWriter, r *page.Request) error {
	c, d, err := w.apiFind(r)
	if err != nil {
		return err
	}
	detail := apiDetail{
		apiDialogue: c.api(d), Chairs: orEmpty(d.Opening.Chairs), Counts: []apiCount{}, Needs: orEmpty(d.Opening.Needs),
		Points: c.apiItems(d, Point), Recommendations: c.apiItems(d, Recommendation), Statements: c.apiItems(d, Statement),
		Topics: c.apiItems(d, Topic), Notes: c.apiItems(d, Note), CarriedOver: []apiCarried{}, Sources: []*Source{},
	}
	for _, it := range d.Of(Count) {
		detail.Counts = append(detail.Counts, apiCount{
			it.ID, it.Of, it.CountKind, it.Figure, it.Bound, it.Scope, it.Text, it.SumOf, it.Sources, c.apiEntry(it.Entry),
		})
	}
	for _, carried := range c.record.CarriedOver(d) {
		row := apiCarried{carried.Point.Ref().String(), carried.Point.Text, []apiTakenUp{}}
		for _, t := range carried.TakeUps {
			row.TakenUp = append(row.TakenUp, apiTakenUp{t.Item.Ref().String(), t.Link.Relation, t.Link.Text, t.Link.DrawnBy, t.Link.DrawnOn})
		}
		detail.CarriedOver = append(detail.CarriedOver, row)
	}
	seen := map[string]bool{}
	for _, it := range d.Items {
		for _, cite := range it.Sources {
			if s, ok := c.record.Sources[cite.Source]; ok && !seen[s.ID] {
				seen[s.ID] = true
				detail.Sources = append(detail.Sources, s)
			}
		}
	}
	return page.JSON(rw, http.StatusOK, detail)
}

func (w *Wing) apiSummary(rw http.ResponseWriter, r *page.Request) error {
	c, d, err := w.apiFind(r)
	if err != nil && w.summaries != nil {
		return w.summaries(rw, r)
	}
	if err != nil {
		return err
	}
	summary := apiSummary{
		Dialogue: d.ID(), Status: "gists", Points: []apiSummaryRow{},
		Coverage: apiCoverage{Reason: "the interventions of this dialogue were not published"},
	}
	for _, it := range d.Of(Point) {
		summary.Points = append(summary.Points, apiSummaryRow{c.apiItem(it), it.RestsOn, it.RestsOnText, []struct{}{}})
	}
	return page.JSON(rw, http.StatusOK, summary)
}

func (w *Wing) apiFind(r *page.Request) (*composer, *Dialogue, error) {
	c, err := w.compose(r.Context(), r)
	if err != nil {
		return nil, nil, err
	}
	d, ok := c.record.Find(ID(r.PathValue("dialogue")))
	if !ok {
		return nil, nil, page.NotFound()
	}
	return c, d, c.locate(d.Items)
}

func (c *composer) api(d *Dialogue) apiDialogue {
	o := d.Opening
	return apiDialogue{
		ID: o.Dialogue, Title: o.Text, Date: o.Date, WorkingGroup: o.WorkingGroups[0], WorkingGroups: o.WorkingGroups,
		Mechanism: o.Mechanism, Number: o.Number, NumberBasis: o.NumberBasis, Entry: c.apiEntry(o.Entry),
	}
}

func (c *composer) apiItems(d *Dialogue, kind Kind) []apiItem {
	items := []apiItem{}
	for _, it := range d.Of(kind) {
		items = append(items, c.apiItem(it))
	}
	return items
}

func (c *composer) apiItem(it *Item) apiItem {
	v := apiItem{ID: it.ID, Need: it.Need, Text: it.Text, Speaker: it.Speaker, Source: it.Sources, Entry: c.apiEntry(it.Entry)}
	if it.Kind == Point {
		v.Main, v.Trace = it.Main, tracePath(it.Ref())
	}
	return v
}

func (c *composer) apiEntry(id ledger.ID) apiEntry {
	if p := c.proof(id); !p.Pending {
		return apiEntry{&p.Index, id}
	}
	return apiEntry{nil, id}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Resolve says what of a subject can be cited: gists carry no text that could be quoted.
func (w *Wing) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	r, err := w.shelf.Record(ctx)
	if err != nil {
		return ledger.Citable{}, err
	}
	for _, d := range r.Dialogues {
		for _, it := range d.Items {
			if it.Subject() == subject {
				wording, _ := it.Text.In(locale.Of(ctx))
				return ledger.Citable{Title: wording.Text, Address: itemPath(it)}, nil
			}
		}
	}
	for _, s := range r.Sources {
		if s.Subject() == subject {
			return ledger.Citable{Title: s.Title, Address: "/sources/" + s.ID}, nil
		}
	}
	return ledger.Citable{}, ledger.ErrNotFound
}
