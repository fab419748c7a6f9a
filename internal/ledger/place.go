package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// tileWidth is the number of hashes in a full tile and of entries in a full bundle; tiles are 8 levels high.
const (
	tileWidth  = 256
	tileHeight = 8
	maxLevel   = 63
)

// kind is what is served at a path.
type kind int

const (
	kindCheckpoint kind = iota
	kindKey
	kindHashes  // tile/<L>/<N>[.p/<W>]
	kindEntries // tile/entries/<N>[.p/<W>]
	kindText    // text/<N>[.p/<W>]
	kindEntry   // entry/<index>
)

// place is an address of the record, parsed.
type place struct {
	kind  kind
	level int   // of kindHashes, 0 to 63
	n     int64 // the tile, or the index of kindEntry
	width int   // 1 to 256, of tiles
}

const folder = "log/"

// Addresses of the record that have no number.
const (
	checkpointPath = folder + "checkpoint"
	keyPath        = folder + "key"
)

// path is the one spelling of the place's address.
func (p place) path() string {
	switch p.kind {
	case kindCheckpoint:
		return checkpointPath
	case kindKey:
		return keyPath
	case kindEntry:
		return folder + "entry/" + strconv.FormatInt(p.n, 10)
	}
	n := fmt.Sprintf("%03d", p.n%1000)
	for rest := p.n / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	if p.width != tileWidth {
		n += ".p/" + strconv.Itoa(p.width)
	}
	switch p.kind {
	case kindEntries:
		return folder + "tile/entries/" + n
	case kindText:
		return folder + "text/" + n
	}
	return folder + "tile/" + strconv.Itoa(p.level) + "/" + n
}

var (
	errNoPlace    = errors.New("the record has nothing at this address")
	errMisspelled = errors.New("this is not how an address of the record is written")
)

// parsePlace reads an address without its leading slash. Every address has one spelling.
func parsePlace(path string) (place, error) {
	rest, ok := strings.CutPrefix(path, folder)
	if !ok {
		return place{}, errNoPlace
	}
	switch rest {
	case "checkpoint":
		return place{kind: kindCheckpoint}, nil
	case "key":
		return place{kind: kindKey}, nil
	}
	p := place{width: tileWidth}
	var number string
	if number, ok = strings.CutPrefix(rest, "entry/"); ok {
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != number || n < 0 {
			return place{}, errMisspelled
		}
		return place{kind: kindEntry, n: n}, nil
	}
	if number, ok = strings.CutPrefix(rest, "text/"); ok {
		p.kind = kindText
	} else if number, ok = strings.CutPrefix(rest, "tile/entries/"); ok {
		p.kind = kindEntries
	} else if number, ok = strings.CutPrefix(rest, "tile/"); ok {
		p.kind = kindHashes
		var level string
		if level, number, ok = strings.Cut(number, "/"); !ok {
			return place{}, errMisspelled
		}
		var err error
		if p.level, err = strconv.Atoi(level); err != nil || p.level < 0 || p.level > maxLevel {
			return place{}, errMisspelled
		}
	} else {
		return place{}, errNoPlace
	}
	if tile, width, partial := strings.Cut(number, ".p/"); partial {
		w, err := strconv.Atoi(width)
		if err != nil || w < 1 || w >= tileWidth {
			return place{}, errMisspelled
		}
		p.width, number = w, tile
	}
	groups := strings.Split(number, "/")
	if len(groups) > 5 { // 10^15 tiles are more than indexes can name
		return place{}, errMisspelled
	}
	for _, g := range groups {
		v, err := strconv.Atoi(strings.TrimPrefix(g, "x"))
		if err != nil || v < 0 || v > 999 {
			return place{}, errMisspelled
		}
		p.n = p.n*1000 + int64(v)
	}
	if p.path() != path { // leading zeros, signs and stray x
		return place{}, errMisspelled
	}
	return p, nil
}

// in tells whether a tree of this size has all of the place.
func (p place) in(size int64) bool {
	switch p.kind {
	case kindCheckpoint, kindKey:
		return true
	case kindEntry:
		return p.n < size
	case kindHashes:
		// A shift by more than 63 gives 0, as it should: no tree of 63 bits has hashes there.
		size >>= uint(p.level * tileHeight)
	}
	return p.n*tileWidth+int64(p.width) <= size
}

// last is the widest tile n at a level of a tree of this size; its width is 0 where the level has none.
func last(k kind, level int, n, size int64) place {
	if k == kindHashes {
		size >>= uint(level * tileHeight)
	}
	return place{kind: k, level: level, n: n, width: int(min(tileWidth, max(0, size-n*tileWidth)))}
}

// tiles is how many tiles, full and partial, a level of a tree of this size has.
func tiles(level int, size int64) int64 {
	size >>= uint(level * tileHeight)
	return (size + tileWidth - 1) / tileWidth
}
