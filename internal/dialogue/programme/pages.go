package programme

import (
	"fmt"

	"rostrum.example/internal/page"
)

// pages are the pages of the programme.
type pages struct {
	programme *page.Page[programmeView]
	edit      *page.Page[editView]
	part      *page.Page[partView]
}

// Seat adds the room's pages and interfaces to the site.
func (room *Room) Seat(site *page.Site) error {
	if err := site.AddAssets(files); err != nil {
		return err
	}
	var err error
	p := &room.pages
	page.ParseInto(site, &p.programme, &err, files, "programme", "parts")
	page.ParseInto(site, &p.edit, &err, files, "edit", "parts")
	page.ParseInto(site, &p.part, &err, files, "part", "parts")
	if err != nil {
		return fmt.Errorf("seating the programme: %w", err)
	}
	site.Public("GET /programme/{dialogue}", room.show)
	site.Public("GET /programme/{dialogue}/versions/{number}", room.showVersion)
	site.Public("GET /programme/{dialogue}/calendar.ics", room.showCalendar)
	site.Public("GET /programme/{dialogue}/sittings/{file}", room.showSitting)
	site.Page("GET /programme/{dialogue}/join", room.showJoin)

	signedIn := room.o.Directory.SignedIn
	site.Page("GET /programme/{dialogue}/edit", signedIn(room.showEdit))
	site.Page("POST /programme/{dialogue}/edit", signedIn(room.doEdit))
	site.Page("GET /programme/{dialogue}/edit/part", signedIn(room.showPart))
	site.Page("POST /programme/{dialogue}/edit/part", signedIn(room.doPart))

	site.API("GET /api/v1/dialogues/{dialogue}/programme", room.api)
	return nil
}
