package page

import "time"

// Entered is where an act stands in the public record, for the template "entered".
type Entered struct {
	// Pending: no published checkpoint covers it yet.
	Pending bool
	Index   int64
}

// Number is the index as templates print it.
func (e Entered) Number() int { return int(e.Index) }

// EnteredAt looks an entry up in what Ledger.Indexes gave.
func EnteredAt[ID comparable](places map[ID]int64, id ID) Entered {
	index, ok := places[id]
	return Entered{Pending: !ok || index < 0, Index: index}
}

// When is an instant in the zone where it counts, for the template "when". The script zone.js adds the reader's own
// zone; without scripts UTC stands beside it.
type When struct {
	ISO, Zone, Words, UTC string
}

// When says an instant in a zone.
func (r *Request) When(t time.Time, zone *time.Location) When {
	w := When{ISO: t.In(zone).Format(time.RFC3339), Zone: zone.String(), Words: r.Instant(t.In(zone))}
	if zone != time.UTC {
		w.UTC = r.Instant(t.UTC())
	}
	return w
}
