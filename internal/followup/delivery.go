package followup

import (
	"context"
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// DeliveryData are what an officer types when points are put to States.
type DeliveryData struct {
	Points []string
	// States are codes; All stands for every party of the mechanism.
	States         []string
	All            bool
	Way            string
	Day, Reference string
}

// deliveryText is what the public record says when a point is put to States.
type deliveryText struct {
	Point  PointID  `json:"point"`
	States []string `json:"states"`
	Way    Way      `json:"way"`
	Day    string   `json:"day"`
	Sample bool     `json:"sample,omitempty"`
}

// PutToStates writes down that points were put to States, with one entry for each point. A State to which a point was put
// before in the same way on the same day is left as it is. It tells how many deliveries are new.
func (room *Room) PutToStates(ctx context.Context, actor party.Actor, data DeliveryData) (n int, err error) {
	if err := party.Allow(actor, put, party.WholeInstance()); err != nil {
		return 0, err
	}
	way, on, reference, states, err := room.readDelivery(data)
	if err != nil {
		return 0, err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		for _, id := range slices.Compact(slices.Sorted(slices.Values(data.Points))) {
			p, err := room.Point(tx, PointID(id))
			if err != nil || !p.Withdrawn.IsZero() {
				return invalid("points", "followup.delivery.points.none")
			}
			some, err := room.putTo(tx, actor, p, Delivery{Point: p.ID, Way: way, Day: on, Reference: reference}, states)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n, err
}

func (room *Room) readDelivery(data DeliveryData) (way Way, on locale.Date, reference string, states []string, err error) {
	var errs []error
	if len(data.Points) == 0 {
		errs = append(errs, invalid("points", "followup.delivery.points.none"))
	}
	if way = Way(data.Way); !slices.Contains(Ways(), way) {
		errs = append(errs, invalid("way", "followup.delivery.way.none"))
	}
	on, bad := room.readDay("day", data.Day)
	errs = append(errs, bad)
	reference, bad = clean("reference", data.Reference, maxReference)
	errs = append(errs, bad)
	for _, s := range data.States {
		if s = strings.ToUpper(strings.TrimSpace(s)); !room.isState(s) {
			return way, on, reference, nil, page.Collect(append(errs, invalid("states", "followup.delivery.states.unknown", "Value", isolate(s)))...)
		}
		states = append(states, s)
	}
	if data.All {
		states = nil
		for _, s := range room.o.States {
			states = append(states, s.ID)
		}
	}
	if len(states) == 0 {
		errs = append(errs, invalid("states", "followup.delivery.states.none"))
	}
	slices.Sort(states)
	return way, on, reference, slices.Compact(states), page.Collect(errs...)
}

// readDay reads a day that is not in the future.
func (room *Room) readDay(field, s string) (locale.Date, error) {
	d, err := locale.ParseDate(strings.TrimSpace(s))
	if err != nil || d.Day == 0 {
		return locale.Date{}, invalid(field, "followup.day.bad")
	}
	// Somewhere on earth it may be tomorrow already.
	if lastDay(d).After(room.o.Clock().UTC().AddDate(0, 0, 1)) {
		return locale.Date{}, invalid(field, "followup.day.future")
	}
	return d, nil
}

func (room *Room) putTo(tx *store.Tx, actor party.Actor, p *Point, d Delivery, states []string) (int, error) {
	all, err := room.Deliveries(tx, p.ID)
	if err != nil {
		return 0, err
	}
	var fresh []string
	for _, s := range states {
		if !slices.ContainsFunc(all, func(o Delivery) bool { return o.State == s && o.Way == d.Way && o.Day == d.Day }) {
			fresh = append(fresh, s)
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	if d.Entry, err = room.enter(tx, p.ID, pointPut, "", deliveryText{p.ID, fresh, d.Way, d.Day.String(), p.Sample}, p.Entry); err != nil {
		return 0, err
	}
	for _, d.State = range fresh {
		if d.ID, err = store.NewID(room.o.Random); err != nil {
			return 0, err
		}
		if err := room.keepDelivery(tx, d, actor.Person); err != nil {
			return 0, err
		}
	}
	return len(fresh), nil
}

// Receipt says that a State had what was put to it.
type Receipt struct {
	Delivery string
	Day      string
	// Receiver is the office that said so, no person.
	Receiver string
}

// confirmText is what the public record says of confirmed deliveries of one point.
type confirmText struct {
	Point     PointID         `json:"point"`
	Confirmed []confirmedText `json:"confirmed"`
	Sample    bool            `json:"sample,omitempty"`
}

type confirmedText struct {
	State     string `json:"state"`
	Delivered string `json:"delivered"`
	Confirmed string `json:"confirmed"`
}

// Confirm writes down that States had what was put to them: an officer for any of them, a State's focal point for their
// own. What is confirmed already is left. It tells how many are new; where one of them is wrong nothing is done, and the
// field of what is wrong is "receipt-" and the delivery.
func (room *Room) Confirm(ctx context.Context, actor party.Actor, receipts []Receipt) (n int, err error) {
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		n = 0
		byPoint := map[PointID][]Delivery{}
		var order []PointID
		var wrong []error
		seen := map[string]bool{}
		for _, r := range receipts {
			d, err := found(scanDelivery(tx.QueryRow(deliveryQuery, room.o.Org, r.Delivery)))
			if err == ErrNotFound {
				return changed()
			}
			if err != nil {
				return err
			}
			if err := mayConfirm(actor, d.State); err != nil {
				return err
			}
			if d.Confirmed != (locale.Date{}) || seen[d.ID] {
				continue
			}
			seen[d.ID] = true
			if err := room.receive(&d, r); err != nil {
				wrong = append(wrong, err)
				continue
			}
			if byPoint[d.Point] == nil {
				order = append(order, d.Point)
			}
			byPoint[d.Point] = append(byPoint[d.Point], d)
		}
		if err := page.Collect(wrong...); err != nil {
			return err
		}
		for _, id := range order {
			if err := room.confirmSome(tx, actor, id, byPoint[id]); err != nil {
				return err
			}
			n += len(byPoint[id])
		}
		return nil
	})
	return n, err
}

func mayConfirm(actor party.Actor, state string) error {
	if party.May(actor, party.AnswerPoint, party.OfState(state)) {
		return nil
	}
	return party.Allow(actor, put, party.WholeInstance())
}

func (room *Room) receive(d *Delivery, r Receipt) error {
	field := "receipt-" + d.ID
	on, err := room.readDay(field, r.Day)
	if err != nil {
		return err
	}
	if before(on, d.Day) {
		return invalid(field, "followup.day.before", "Day", d.Day.String())
	}
	if d.Receiver, err = clean(field, r.Receiver, maxReference); err != nil {
		return err
	}
	d.Confirmed = on
	return nil
}

func (room *Room) confirmSome(tx *store.Tx, actor party.Actor, id PointID, all []Delivery) error {
	p, err := room.Point(tx, id)
	if err != nil {
		return err
	}
	text := confirmText{Point: id, Sample: p.Sample}
	var cites []ledger.ID
	for _, d := range all {
		text.Confirmed = append(text.Confirmed, confirmedText{d.State, d.Day.String(), d.Confirmed.String()})
		cites = append(cites, d.Entry)
	}
	entry, err := room.enter(tx, id, deliveryConfirmed, "", text, cites...)
	if err != nil {
		return err
	}
	for _, d := range all {
		d.Proof = entry
		if err := room.keepConfirmed(tx, d, actor.Person); err != nil {
			return err
		}
	}
	return nil
}
