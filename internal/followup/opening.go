package followup

import (
	"time"

	"rostrum.example/internal/store"
)

// Known is everything public that is known of a point.
type Known struct {
	Point      Point
	Deliveries []Delivery
	Answers    []Answer
	Views      []View
	Links      []Link
	// Lines are what can truthfully be said of it now.
	Lines []Line
}

// Known gathers what is known of one point, or answers ErrNotFound.
func (room *Room) Known(tx *store.Tx, id PointID) (*Known, error) {
	p, err := room.Point(tx, id)
	if err != nil {
		return nil, err
	}
	k := &Known{Point: *p}
	if k.Deliveries, err = room.Deliveries(tx, id); err != nil {
		return nil, err
	}
	if k.Answers, err = room.Answers(tx, id); err != nil {
		return nil, err
	}
	if k.Views, err = room.Views(tx, id); err != nil {
		return nil, err
	}
	if k.Links, err = room.Links(tx, id); err != nil {
		return nil, err
	}
	k.stand(room.o.Clock())
	return k, nil
}

func (k *Known) stand(now time.Time) {
	k.Lines = Standing(k.Point, k.Deliveries, k.Answers, k.Views, now)
}

// Of gathers what is known of all points of a dialogue, in their order.
func (room *Room) Of(tx *store.Tx, origin string) ([]*Known, error) {
	points, err := room.Points(tx, origin)
	if err != nil || len(points) == 0 {
		return nil, err
	}
	deliveries, err := list(tx, scanDelivery, deliveriesOfOrigin, room.o.Org, origin)
	if err != nil {
		return nil, err
	}
	answers, err := list(tx, scanAnswer, answersOfOrigin, room.o.Org, origin)
	if err != nil {
		return nil, err
	}
	views, err := list(tx, scanView, viewsOfOrigin, room.o.Org, origin)
	if err != nil {
		return nil, err
	}
	if err := room.nameViews(tx, views); err != nil {
		return nil, err
	}
	links, err := list(tx, scanLink, linksOfOrigin, room.o.Org, origin)
	if err != nil {
		return nil, err
	}
	byID := map[PointID]*Known{}
	all := make([]*Known, len(points))
	for i, p := range points {
		all[i] = &Known{Point: *p}
		byID[p.ID] = all[i]
	}
	for _, d := range deliveries {
		byID[d.Point].Deliveries = append(byID[d.Point].Deliveries, d)
	}
	for _, a := range public(answers) {
		byID[a.Point].Answers = append(byID[a.Point].Answers, a)
	}
	for _, v := range views {
		byID[v.Point].Views = append(byID[v.Point].Views, v)
	}
	for _, l := range standingLinks(links) {
		byID[l.Point].Links = append(byID[l.Point].Links, l)
	}
	for _, k := range all {
		k.stand(room.o.Clock())
	}
	return all, nil
}

// Opening is what a dialogue opens with: what happened to each point of the dialogue that it follows. former is empty, and
// so is the list, where it follows none.
func (room *Room) Opening(tx *store.Tx, dialogue string) (former string, all []*Known, err error) {
	if former, err = room.o.Follows(tx, dialogue); err != nil || former == "" {
		return "", nil, err
	}
	all, err = room.Of(tx, former)
	return former, all, err
}
