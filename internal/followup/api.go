package followup

import (
	"net/http"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// The interface for programs; docs/formats/followup.md, section 6.

type apiFollowUp struct {
	Dialogue string     `json:"dialogue"`
	Former   string     `json:"former,omitempty"`
	Opening  []apiPoint `json:"opening"`
	Points   []apiPoint `json:"points"`
}

type apiPoint struct {
	ID         PointID       `json:"id"`
	Origin     string        `json:"origin"`
	Kind       PointKind     `json:"kind"`
	Need       string        `json:"need,omitempty"`
	Sample     bool          `json:"sample,omitempty"`
	Withdrawn  string        `json:"withdrawn,omitempty"`
	Text       Words         `json:"text"`
	Cites      []ledger.ID   `json:"cites"`
	Page       string        `json:"page"`
	Says       []apiLine     `json:"says"`
	Deliveries []apiDelivery `json:"deliveries"`
	Answers    []apiAnswer   `json:"answers"`
	Views      []apiView     `json:"views"`
	Links      []apiLink     `json:"links"`
	Entry      ledger.ID     `json:"entry"`
}

type apiLine struct {
	Says   Says     `json:"says"`
	Text   string   `json:"text"`
	States []string `json:"states,omitempty"`
	On     string   `json:"on,omitempty"`
	Until  string   `json:"until,omitempty"`
	Count  int      `json:"count,omitempty"`
}

type apiDelivery struct {
	State     string    `json:"state"`
	Way       Way       `json:"way"`
	Delivered string    `json:"delivered"`
	Confirmed *string   `json:"confirmed"`
	Entry     ledger.ID `json:"entry"`
}

type apiAnswer struct {
	State  string     `json:"state"`
	Number int        `json:"number"`
	Kind   AnswerKind `json:"kind"`
	Stage  Stage      `json:"stage"`
	At     string     `json:"at"`
	Said
	Entry ledger.ID `json:"entry"`
}

type apiView struct {
	Kind         ViewKind  `json:"kind"`
	About        string    `json:"about,omitempty"`
	Organisation string    `json:"organisation,omitempty"`
	Category     string    `json:"category"`
	At           string    `json:"at"`
	Withdrawn    string    `json:"withdrawn,omitempty"`
	Text         Words     `json:"text"`
	Evidence     []string  `json:"evidence,omitempty"`
	Entry        ledger.ID `json:"entry"`
}

type apiLink struct {
	Later    string    `json:"later"`
	Item     string    `json:"item,omitempty"`
	Relation Relation  `json:"relation"`
	DrawnBy  string    `json:"drawn_by"`
	At       string    `json:"at"`
	Why      Words     `json:"why"`
	Entry    ledger.ID `json:"entry"`
}

func (room *Room) api(w http.ResponseWriter, r *page.Request) error {
	out := apiFollowUp{Dialogue: r.PathValue("dialogue")}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error {
		_, ok, err := room.o.Dialogue(tx, out.Dialogue)
		if err != nil {
			return err
		}
		all, err := room.Of(tx, out.Dialogue)
		if err != nil {
			return err
		}
		if !ok && len(all) == 0 {
			return page.NotFound()
		}
		out.Points = room.apiPoints(r, all)
		var opening []*Known
		out.Former, opening, err = room.Opening(tx, out.Dialogue)
		out.Opening = room.apiPoints(r, opening)
		return err
	})
	if err != nil {
		return err
	}
	return page.JSON(w, http.StatusOK, out)
}

func (room *Room) apiPoints(r *page.Request, all []*Known) []apiPoint {
	points := []apiPoint{}
	for _, k := range all {
		p := apiPoint{
			ID: k.Point.ID, Origin: k.Point.Origin, Kind: k.Point.Kind, Need: k.Point.Need, Sample: k.Point.Sample, Text: k.Point.Text,
			Cites: append([]ledger.ID{}, k.Point.Cites...), Page: pointPath(k.Point.ID), Entry: k.Point.Entry,
			Deliveries: []apiDelivery{}, Answers: []apiAnswer{}, Views: []apiView{}, Links: []apiLink{},
		}
		if !k.Point.Withdrawn.IsZero() {
			p.Withdrawn = stamp(k.Point.Withdrawn)
		}
		for _, l := range k.Lines {
			p.Says = append(p.Says, apiLine{l.Says, room.line(r.Lang, l).Text, l.States, dayText(l.On), dayText(l.Until), l.Count})
		}
		for _, d := range k.Deliveries {
			one := apiDelivery{State: d.State, Way: d.Way, Delivered: d.Day.String(), Entry: d.Entry}
			if d.Confirmed != (locale.Date{}) {
				on := d.Confirmed.String()
				one.Confirmed = &on
			}
			p.Deliveries = append(p.Deliveries, one)
		}
		for _, a := range k.Answers {
			p.Answers = append(p.Answers, apiAnswer{a.State, a.Number, a.Kind, a.Stage, stamp(a.At), a.Said, a.Entry})
		}
		for _, v := range k.Views {
			one := apiView{Kind: v.Kind, About: v.About, Organisation: v.Name, Category: v.Category, At: stamp(v.At), Text: v.Text, Evidence: v.Evidence, Entry: v.Entry}
			if !v.Withdrawn.IsZero() {
				one.Withdrawn, one.Organisation = stamp(v.Withdrawn), ""
			}
			p.Views = append(p.Views, one)
		}
		for _, l := range k.Links {
			p.Links = append(p.Links, apiLink{l.Later, l.Item, l.Relation, "editors", stamp(l.At), l.Why, l.Entry})
		}
		points = append(points, p)
	}
	return points
}
