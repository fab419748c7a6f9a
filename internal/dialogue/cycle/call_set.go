package cycle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// SetCall makes a call (version 0) or changes it. version is the one that the officer saw; where somebody else has
// changed the call since, nothing is done. A deadline may move after the call has opened: the record keeps each.
func (room *Room) SetCall(ctx context.Context, actor party.Actor, version int, data CallData) (CallID, error) {
	if err := party.Allow(actor, party.OpenCall, party.WholeInstance()); err != nil {
		return "", err
	}
	id, err := parseName("id", data.ID)
	c := &Call{ID: CallID(id)}
	if err := page.Collect(err, room.readCall(c, data)); err != nil {
		return "", err
	}
	err = room.o.DB.Write(ctx, func(tx *store.Tx) error {
		old, err := room.Call(tx, c.ID)
		switch {
		case err == ErrNotFound && version == 0:
			old = &Call{}
		case err == nil && version == 0:
			return invalid("id", "cycle.name.taken")
		case err == ErrNotFound:
			return notFound(err)
		case err != nil:
			return err
		case old.Version != version:
			return changedMeanwhile()
		}
		c.Version, c.Entry = old.Version+1, old.Entry
		if err := room.checkCall(tx, c, old); err != nil {
			return err
		}
		act := "announced"
		if old.Version > 0 {
			act = "changed"
		}
		if c.Entry, err = room.enterCall(tx, c, act); err != nil {
			return err
		}
		return room.keepCall(tx, c)
	})
	if err != nil {
		return "", fmt.Errorf("setting a call: %w", err)
	}
	return c.ID, nil
}

// readCall takes over what was typed and says what is wrong with it.
func (room *Room) readCall(c *Call, data CallData) error {
	var errs [7]error
	c.Title, errs[0] = parseWords("title", data.Title, maxTitle, true)
	c.About, errs[1] = parseWords("about", data.About, maxAbout, false)
	c.Closes, errs[2] = parseDay("closes", data.Closes)
	c.Zone, errs[3] = parseZone(data.Zone)
	c.Erases, errs[4] = parseDay("erases", data.Erases)
	if len(data.Dialogues) == 0 {
		errs[5] = invalid("dialogues", "cycle.dialogues.missing")
	}
	for _, d := range data.Dialogues {
		if id := dialogue.ID(d); !slices.Contains(c.Dialogues, id) {
			c.Dialogues = append(c.Dialogues, id)
		}
	}
	c.Recipients = strings.Fields(data.Recipients)
	if err := room.o.CheckRecipients(c.Recipients); err != nil && len(c.Recipients) > 0 {
		errs[6] = invalid("recipients", "cycle.recipient.bad")
	}
	return page.Collect(errs[:]...)
}

// checkCall holds a call against its dialogues and the other calls.
func (room *Room) checkCall(tx *store.Tx, c, old *Call) error {
	for i, id := range c.Dialogues {
		d, err := room.Dialogue(tx, id)
		if err != nil {
			return invalid("dialogues", "cycle.dialogues.missing")
		}
		if i == 0 {
			c.Sample = d.Sample
		}
		if d.Sample != c.Sample {
			return invalid("dialogues", "cycle.dialogues.mixed")
		}
		if !before(c.Closes, d.Ends) {
			return invalid("closes", "cycle.closes.late")
		}
		if before(c.Erases, d.Ends) {
			return invalid("erases", "cycle.erases.early")
		}
		if other, err := room.CallFor(tx, id); err == nil && other.ID != c.ID {
			return invalid("dialogues", "cycle.dialogues.taken")
		} else if err != nil && err != ErrNotFound {
			return err
		}
	}
	for _, id := range old.Dialogues {
		if slices.Contains(c.Dialogues, id) {
			continue
		}
		if d, err := room.Dialogue(tx, id); err != nil || d.State != Planned {
			return invalid("dialogues", "cycle.dialogues.kept")
		}
	}
	if old.Version > 0 && len(c.Recipients) == 0 && len(old.Recipients) > 0 {
		return invalid("recipients", "cycle.recipient.kept")
	}
	if old.Version > 0 && before(old.Erases, c.Erases) {
		// People applied on the promise that their data go on a day; it may come sooner, never later.
		return invalid("erases", "cycle.erases.promised")
	}
	return nil
}

// callText is what the public record says of a call. The keys stand in it so that everybody can check to whom
// sensitive answers were sealed.
type callText struct {
	Call       CallID         `json:"call"`
	Version    int            `json:"version"`
	Sample     bool           `json:"sample,omitempty"`
	Title      dialogue.Words `json:"title"`
	About      dialogue.Words `json:"about,omitempty"`
	Dialogues  []dialogue.ID  `json:"dialogues"`
	Closes     string         `json:"closes"`
	Zone       string         `json:"zone"`
	Deadline   string         `json:"deadline"`
	Erases     string         `json:"erases"`
	Recipients []string       `json:"recipients,omitempty"`
}

func (room *Room) enterCall(tx *store.Tx, c *Call, act string) (ledger.ID, error) {
	cites := []ledger.ID{c.Entry}
	for _, id := range c.Dialogues {
		d, err := room.Dialogue(tx, id)
		if err != nil {
			return "", err
		}
		cites = append(cites, d.Entry)
	}
	return room.entered(tx, c.Subject(), "cycle.call."+act, callText{
		c.ID, c.Version, c.Sample, c.Title, c.About, c.Dialogues, c.Closes.String(), c.Zone, at(c.Deadline()), c.Erases.String(), c.Recipients,
	}, cites...)
}
