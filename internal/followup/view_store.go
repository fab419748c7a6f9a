package followup

import (
	"encoding/json"
	"errors"

	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

const (
	viewsOf = `
		select id, point, about, kind, organisation, category, named, text, evidence, at, entry, withdrawn
		from followup_view
		where org = $1 and point = $2
		order by at, id`

	viewsOfOrigin = `
		select v.id, v.point, v.about, v.kind, v.organisation, v.category, v.named, v.text, v.evidence, v.at, v.entry, v.withdrawn
		from followup_view v
		join followup_point p on p.org = v.org and p.id = v.point
		where v.org = $1 and p.origin = $2
		order by v.at, v.id`

	viewQuery = `
		select id, point, about, kind, organisation, category, named, text, evidence, at, entry, withdrawn
		from followup_view
		where org = $1 and id = $2`

	viewKeep = `
		insert into followup_view (org, id, point, about, kind, organisation, category, named, text, evidence, person, at, entry, withdrawn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)`

	viewEmpty = `
		update followup_view
		set text = '{}', evidence = '[]', withdrawn = $1
		where org = $2 and id = $3`

	linksOf = `
		select id, point, later, item, relation, why, at, entry, withdrawn
		from followup_link
		where org = $1 and point = $2
		order by at, id`

	linksOfOrigin = `
		select l.id, l.point, l.later, l.item, l.relation, l.why, l.at, l.entry, l.withdrawn
		from followup_link l
		join followup_point p on p.org = l.org and p.id = l.point
		where l.org = $1 and p.origin = $2
		order by l.at, l.id`

	linkKeep = `
		insert into followup_link (org, id, point, later, item, relation, why, person, at, entry, withdrawn)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)`

	linkDrop = `
		update followup_link
		set why = '{}', withdrawn = $1
		where org = $2 and id = $3`
)

func scanView(r row) (v View, err error) {
	var text, evidence string
	var at, withdrawn int64
	if err = r.Scan(&v.ID, &v.Point, &v.About, &v.Kind, &v.Organisation, &v.Category, &v.Named, &text, &evidence, &at, &v.Entry, &withdrawn); err != nil {
		return v, err
	}
	v.At, v.Withdrawn = store.Time(at), store.Time(withdrawn)
	return v, errors.Join(json.Unmarshal([]byte(text), &v.Text), json.Unmarshal([]byte(evidence), &v.Evidence))
}

// Views lists what stakeholders said of a point, oldest first, also what they took back.
func (room *Room) Views(tx *store.Tx, id PointID) ([]View, error) {
	all, err := list(tx, scanView, viewsOf, room.o.Org, id)
	if err != nil {
		return nil, err
	}
	return all, room.nameViews(tx, all)
}

// nameViews adds the names of the organisations that are shown by name. One that has withdrawn its consent to be listed
// since is shown by its category.
func (room *Room) nameViews(tx *store.Tx, all []View) error {
	names := map[party.OrganisationID]party.Organisation{}
	for i := range all {
		v := &all[i]
		if !v.Named {
			continue
		}
		o, ok := names[v.Organisation]
		if !ok {
			var err error
			if o, err = room.o.Directory.Organisation(tx, v.Organisation); err != nil && !errors.Is(err, party.ErrNotFound) {
				return err
			}
			names[v.Organisation] = o
		}
		if v.Named = o.Listed; v.Named {
			v.Name = o.Name
		}
	}
	return nil
}

func (room *Room) keepView(tx *store.Tx, v *View, by party.PersonID) error {
	text, err := encode(v.Text)
	if err != nil {
		return err
	}
	if v.Evidence == nil {
		v.Evidence = []string{}
	}
	evidence, err := encode(v.Evidence)
	if err != nil {
		return err
	}
	_, err = tx.Exec(viewKeep, room.o.Org, v.ID, v.Point, v.About, v.Kind, v.Organisation, v.Category, number(v.Named), text, evidence, by, store.Micros(v.At), v.Entry)
	return err
}

func scanLink(r row) (l Link, err error) {
	var why string
	var at, withdrawn int64
	if err = r.Scan(&l.ID, &l.Point, &l.Later, &l.Item, &l.Relation, &why, &at, &l.Entry, &withdrawn); err != nil {
		return l, err
	}
	l.At, l.Withdrawn = store.Time(at), store.Time(withdrawn)
	return l, json.Unmarshal([]byte(why), &l.Why)
}

// Links lists the lines that editors drew from a point to later dialogues and that stand.
func (room *Room) Links(tx *store.Tx, id PointID) ([]Link, error) {
	all, err := list(tx, scanLink, linksOf, room.o.Org, id)
	return standingLinks(all), err
}

func standingLinks(all []Link) []Link {
	kept := all[:0]
	for _, l := range all {
		if l.Withdrawn.IsZero() {
			kept = append(kept, l)
		}
	}
	return kept
}
