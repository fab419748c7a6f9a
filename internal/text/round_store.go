package text

import (
	"database/sql"
	"fmt"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

const (
	insertRound = `
		insert into text_round (org, document, id, version, closes, zone, opened, ended)
		values ($1, $2, $3, $4, $5, $6, $7, 0)`

	selectRounds = `
		select id, version, closes, zone, opened, ended
		from text_round
		where org = $1 and document = $2
		order by opened, id`

	updateRound = `
		update text_round
		set closes = $1, ended = $2
		where org = $3 and document = $4 and id = $5`

	insertInvitation = `
		insert into text_invitation (org, document, id, round, person, name, ref, invited, answered)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0)`

	selectInvitations = `
		select id, round, person, name, ref, invited, answered
		from text_invitation
		where org = $1 and document = $2
		order by invited, id`

	answerInvitation = `
		update text_invitation
		set answered = $1
		where org = $2 and document = $3 and id = $4`
)

// OpenRound asks for comments on a version until the end of a day in a zone.
func (t *Documents) OpenRound(tx *store.Tx, id DocumentID, version int, closes locale.Date, zone string) (Round, error) {
	r := Round{Version: version, Closes: closes, Zone: zone, Opened: store.Time(store.Micros(t.o.Clock()))}
	end, err := r.Deadline()
	if err != nil || closes.Day == 0 || !end.After(r.Opened) {
		return r, Problems{{Code: BadDate, Field: "closes"}}
	}
	if err := t.hasVersion(tx, id, version); err != nil {
		return r, err
	}
	drawn, err := t.newID()
	if err != nil {
		return r, err
	}
	r.ID = RoundID(drawn)
	_, err = tx.Exec(insertRound, string(t.o.Org), string(id), string(r.ID), version, closes.String(), zone, micros(r.Opened))
	if err != nil {
		return r, fmt.Errorf("opening a round on document %s: %w", id, err)
	}
	return r, nil
}

// Rounds lists the rounds, oldest first.
func (t *Documents) Rounds(tx *store.Tx, id DocumentID) ([]Round, error) {
	var all []Round
	err := each(tx, func(rows *sql.Rows) error {
		var r Round
		var closes string
		var opened, ended int64
		if err := rows.Scan(&r.ID, &r.Version, &closes, &r.Zone, &opened, &ended); err != nil {
			return err
		}
		r.Opened, r.Ended = store.Time(opened), store.Time(ended)
		var err error
		r.Closes, err = locale.ParseDate(closes)
		all = append(all, r)
		return err
	}, selectRounds, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing the rounds of document %s: %w", id, err)
	}
	return all, nil
}

func (t *Documents) round(tx *store.Tx, id DocumentID, which RoundID) (Round, error) {
	all, err := t.Rounds(tx, id)
	if err != nil {
		return Round{}, err
	}
	for _, r := range all {
		if r.ID == which {
			return r, nil
		}
	}
	return Round{}, fmt.Errorf("round %s: %w", which, ErrNotFound)
}

// inRound answers ErrRoundOver where it is too late.
func (t *Documents) inRound(tx *store.Tx, id DocumentID, which RoundID) error {
	r, err := t.round(tx, id, which)
	if err != nil {
		return err
	}
	end, err := r.Deadline()
	if err != nil {
		return fmt.Errorf("round %s: %w", which, err)
	}
	if !t.o.Clock().Before(end) {
		return ErrRoundOver
	}
	return nil
}

// ProlongRound gives a round another last day; one that is over opens again.
func (t *Documents) ProlongRound(tx *store.Tx, id DocumentID, which RoundID, closes locale.Date) error {
	r, err := t.round(tx, id, which)
	if err != nil {
		return err
	}
	r.Closes, r.Ended = closes, time.Time{}
	if end, err := r.Deadline(); err != nil || closes.Day == 0 || !end.After(t.o.Clock()) {
		return Problems{{Code: BadDate, Field: "closes"}}
	}
	result, err := tx.Exec(updateRound, closes.String(), 0, string(t.o.Org), string(id), string(which))
	return changedOne(result, err, "round "+string(which))
}

// EndRound ends a round at once.
func (t *Documents) EndRound(tx *store.Tx, id DocumentID, which RoundID) error {
	r, err := t.round(tx, id, which)
	if err != nil {
		return err
	}
	result, err := tx.Exec(updateRound, r.Closes.String(), micros(t.o.Clock()), string(t.o.Org), string(id), string(which))
	return changedOne(result, err, "round "+string(which))
}

// Invite asks somebody to comment in a round.
func (t *Documents) Invite(tx *store.Tx, id DocumentID, which RoundID, who Author, ref string) (Invitation, error) {
	in := Invitation{Round: which, Who: who, Ref: ref, Invited: store.Time(store.Micros(t.o.Clock()))}
	c := &checker{}
	c.string("author", "", who.Name, MaxName)
	c.string("ref", "", ref, MaxName)
	if err := c.err(); err != nil {
		return in, err
	}
	if err := t.inRound(tx, id, which); err != nil {
		return in, err
	}
	drawn, err := t.newID()
	if err != nil {
		return in, err
	}
	in.ID = drawn
	_, err = tx.Exec(insertInvitation, string(t.o.Org), string(id), in.ID, string(which), string(who.Person), who.Name, ref, micros(in.Invited))
	if err != nil {
		return in, fmt.Errorf("inviting to comment on document %s: %w", id, err)
	}
	return in, nil
}

// Invitations lists who was asked, in all rounds.
func (t *Documents) Invitations(tx *store.Tx, id DocumentID) ([]Invitation, error) {
	var all []Invitation
	err := each(tx, func(r *sql.Rows) error {
		var in Invitation
		var invited, answered int64
		err := r.Scan(&in.ID, &in.Round, &in.Who.Person, &in.Who.Name, &in.Ref, &invited, &answered)
		in.Invited, in.Answered = store.Time(invited), store.Time(answered)
		all = append(all, in)
		return err
	}, selectInvitations, string(t.o.Org), string(id))
	if err != nil {
		return nil, fmt.Errorf("listing who was invited to document %s: %w", id, err)
	}
	return all, nil
}

// Answer notes that somebody who was invited has commented, suggested something, or has nothing to add.
func (t *Documents) Answer(tx *store.Tx, id DocumentID, invitation string) error {
	result, err := tx.Exec(answerInvitation, micros(t.o.Clock()), string(t.o.Org), string(id), invitation)
	return changedOne(result, err, "invitation "+invitation)
}
