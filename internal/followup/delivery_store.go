package followup

import (
	"errors"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	deliveryQuery = `
		select id, point, state, way, day, reference, entry, confirmed, receiver, proof
		from followup_delivery
		where org = $1 and id = $2`

	deliveriesOf = `
		select id, point, state, way, day, reference, entry, confirmed, receiver, proof
		from followup_delivery
		where org = $1 and point = $2
		order by state, day, id`

	deliveriesOfOrigin = `
		select d.id, d.point, d.state, d.way, d.day, d.reference, d.entry, d.confirmed, d.receiver, d.proof
		from followup_delivery d
		join followup_point p on p.org = d.org and p.id = d.point
		where d.org = $1 and p.origin = $2
		order by d.state, p.place, d.day, d.id`

	deliveriesTo = `
		select id, point, state, way, day, reference, entry, confirmed, receiver, proof
		from followup_delivery
		where org = $1 and state = $2
		order by day, id`

	deliveriesOpen = `
		select p.origin, count(*)
		from followup_delivery d
		join followup_point p on p.org = d.org and p.id = d.point
		where d.org = $1 and d.confirmed = '' and p.withdrawn = 0
		group by p.origin
		order by p.origin`

	deliveryKeep = `
		insert into followup_delivery (org, id, point, state, way, day, reference, person, entry, confirmed, receiver, confirmer, proof)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '', '')`

	deliveryConfirm = `
		update followup_delivery
		set confirmed = $1, receiver = $2, confirmer = $3, proof = $4
		where org = $5 and id = $6`
)

func scanDelivery(r row) (d Delivery, err error) {
	var on, confirmed string
	if err = r.Scan(&d.ID, &d.Point, &d.State, &d.Way, &on, &d.Reference, &d.Entry, &confirmed, &d.Receiver, &d.Proof); err != nil {
		return d, err
	}
	return d, errors.Join(day(&d.Day, on), day(&d.Confirmed, confirmed))
}

// Deliveries lists to which States a point was put, and what is known of it.
func (room *Room) Deliveries(tx *store.Tx, id PointID) ([]Delivery, error) {
	return list(tx, scanDelivery, deliveriesOf, room.o.Org, id)
}

func (room *Room) keepDelivery(tx *store.Tx, d Delivery, by party.PersonID) error {
	_, err := tx.Exec(deliveryKeep, room.o.Org, d.ID, d.Point, d.State, d.Way, d.Day.String(), d.Reference, by, d.Entry)
	return err
}

func (room *Room) keepConfirmed(tx *store.Tx, d Delivery, by party.PersonID) error {
	_, err := tx.Exec(deliveryConfirm, dayText(d.Confirmed), d.Receiver, by, d.Proof, room.o.Org, d.ID)
	return err
}
