package floor

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/live"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// lookEvery is how long a change that another program made to the same database may go unseen.
const lookEvery = time.Second

// touch notes that a floor has changed. It never waits; what is not noted is found by the next look.
func (room *Room) touch(id dialogue.ID) {
	select {
	case room.dirty <- id:
	default:
	}
}

// Run tells listeners what changes, until ctx ends: a floor is put into words once for each language, however many
// listen, and changes that come faster than that are told together.
func (room *Room) Run(ctx context.Context) error {
	seen := map[dialogue.ID]int64{} // so that at first everything is told
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var changed []dialogue.ID
		select {
		case <-ctx.Done():
			return nil
		case id := <-room.dirty:
			changed = append(changed, id)
		case <-tick.C:
			all, err := room.changes(ctx)
			if err != nil {
				if ctx.Err() == nil {
					room.o.Log.Error("looking for changes of floors failed", "error", err)
				}
				continue
			}
			for id, change := range all {
				if change > seen[id] {
					changed = append(changed, id)
				}
			}
		}
		for _, id := range changed {
			change, err := room.publish(ctx, id, seen[id])
			if err != nil {
				if ctx.Err() == nil {
					room.o.Log.Error("telling listeners of a floor failed", "dialogue", id, "error", err)
				}
				continue
			}
			seen[id] = change
		}
	}
}

// changes gives the number of changes of every floor.
func (room *Room) changes(ctx context.Context) (map[dialogue.ID]int64, error) {
	all := map[dialogue.ID]int64{}
	err := room.o.DB.Read(ctx, func(tx *store.Tx) error {
		clear(all)
		rows, err := tx.Query(selectChanges, string(room.o.Org))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id dialogue.ID
			var change int64
			if err := rows.Scan(&id, &change); err != nil {
				return err
			}
			all[id] = change
		}
		return rows.Err()
	})
	return all, err
}

// publish sends the board in every language if it has changed since the change given, and tells the change it sent.
func (room *Room) publish(ctx context.Context, id dialogue.ID, since int64) (int64, error) {
	var s *scene
	err := room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		s, _, err = room.readScene(tx, id, false)
		return err
	})
	if err != nil || s.Change <= since {
		return since, err
	}
	now := room.o.Clock()
	for _, lang := range locale.Langs {
		body, err := json.Marshal(room.speak(lang, s.held).board(s, now))
		if err != nil {
			return since, err
		}
		if err := room.o.Hub.Publish(topic(id), live.View(lang), "floor", strconv.FormatInt(s.Change, 10), body); err != nil {
			return since, err
		}
	}
	return s.Change, nil
}

func topic(id dialogue.ID) string { return "floor/" + string(id) }

// listen serves the events of a floor in a language.
func (room *Room) listen(w http.ResponseWriter, r *http.Request) {
	lang := locale.Lang(r.PathValue("lang"))
	if !lang.Known() {
		http.NotFound(w, r)
		return
	}
	id := dialogue.ID(r.PathValue("dialogue"))
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) error { _, err := room.o.Dialogue(tx, id); return err })
	if err != nil {
		http.NotFound(w, r)
		return
	}
	room.o.Hub.Serve(w, r, topic(id), live.View(lang))
}
