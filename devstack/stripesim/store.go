package stripesim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// record is one object that is kept.
type record interface {
	kind() string
	key() string
}

// blank makes an empty record of each kind, to read one from the file.
var blank = map[string]func() record{
	(*customer)(nil).kind():    func() record { return new(customer) },
	(*method)(nil).kind():      func() record { return new(method) },
	(*intent)(nil).kind():      func() record { return new(intent) },
	(*setupIntent)(nil).kind(): func() record { return new(setupIntent) },
	(*session)(nil).kind():     func() record { return new(session) },
	(*charge)(nil).kind():      func() record { return new(charge) },
	(*refund)(nil).kind():      func() record { return new(refund) },
	(*dispute)(nil).kind():     func() record { return new(dispute) },
	(*event)(nil).kind():       func() record { return new(event) },
	(*savedAnswer)(nil).kind(): func() record { return new(savedAnswer) },
	(*timer)(nil).kind():       func() record { return new(timer) },
	(*delivery)(nil).kind():    func() record { return new(delivery) },
	(*lead)(nil).kind():        func() record { return new(lead) },
	(*merchant)(nil).kind():    func() record { return new(merchant) },
}

// store keeps the records of every account, and a journal of them: a file with a
// line for each transaction, so that a transaction is kept whole or not at all
// however the process ends. Opening rewrites the file with just what is current.
type store struct {
	accounts map[string]map[string]*shelf // by account, then kind
	path     string
	file     *os.File
}

// shelf holds the records of one kind in one account, in order of creation.
type shelf struct {
	byKey map[string]record
	order []record
}

// written is one record in a line of the journal.
type written struct {
	Account string          `json:"account,omitempty"`
	Kind    string          `json:"kind"`
	Key     string          `json:"key"`
	Data    json.RawMessage `json:"data,omitempty"` // absent: the record was dropped
}

func openStore(path string) (*store, error) {
	st := &store{accounts: map[string]map[string]*shelf{}, path: path}
	if path == "" {
		return st, nil
	}
	if err := st.load(); err != nil {
		return nil, fmt.Errorf("stripesim: read %s: %w", path, err)
	}
	if err := st.rewrite(); err != nil {
		return nil, fmt.Errorf("stripesim: write %s: %w", path, err)
	}
	return st, nil
}

func (st *store) load() error {
	file, err := os.Open(st.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewReader(file)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			// A last line without its end is a transaction that the
			// process did not live to write; nobody was told of it.
			return nil
		}
		var entries []written
		if err := json.Unmarshal(line, &entries); err != nil {
			return err
		}
		for _, e := range entries {
			if err := st.replay(e); err != nil {
				return err
			}
		}
	}
}

func (st *store) replay(e written) error {
	newRecord, ok := blank[e.Kind]
	if !ok {
		return fmt.Errorf("unknown kind %q", e.Kind)
	}
	if e.Data == nil {
		delete(st.shelf(e.Account, e.Kind).byKey, e.Key)
		return nil
	}
	r := newRecord()
	if err := json.Unmarshal(e.Data, r); err != nil {
		return err
	}
	st.put(e.Account, r)
	return nil
}

func (st *store) rewrite() error {
	var out bytes.Buffer
	for account, shelves := range st.accounts {
		for _, sh := range shelves {
			for _, r := range sh.live() {
				if err := line(&out, []written{{Account: account, Kind: r.kind(), Key: r.key(), Data: mustJSON(r)}}); err != nil {
					return err
				}
			}
		}
	}
	next := st.path + ".new"
	if err := os.WriteFile(next, out.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, st.path); err != nil {
		return err
	}
	file, err := os.OpenFile(st.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if st.file != nil {
		_ = st.file.Close()
	}
	st.file = file
	return nil
}

// write adds one transaction to the journal.
func (st *store) write(entries []written) error {
	if st.file == nil || len(entries) == 0 {
		return nil
	}
	var out bytes.Buffer
	if err := line(&out, entries); err != nil {
		return err
	}
	_, err := st.file.Write(out.Bytes())
	return err
}

// reset forgets everything.
func (st *store) reset() error {
	st.accounts = map[string]map[string]*shelf{}
	if st.path == "" {
		return nil
	}
	return st.rewrite()
}

func (st *store) close() error {
	if st.file == nil {
		return nil
	}
	return st.file.Close()
}

func (st *store) shelf(account, kind string) *shelf {
	shelves := st.accounts[account]
	if shelves == nil {
		shelves = map[string]*shelf{}
		st.accounts[account] = shelves
	}
	sh := shelves[kind]
	if sh == nil {
		sh = &shelf{byKey: map[string]record{}}
		shelves[kind] = sh
	}
	return sh
}

func (st *store) put(account string, r record) {
	sh := st.shelf(account, r.kind())
	old, known := sh.byKey[r.key()]
	sh.byKey[r.key()] = r
	switch {
	case !known:
		sh.order = append(sh.order, r)
	case old != r:
		sh.order[slices.Index(sh.order, old)] = r
	}
}

func (st *store) drop(account string, r record) {
	sh := st.shelf(account, r.kind())
	delete(sh.byKey, r.key())
	// Dropped records stay in the order until there are many of them, so
	// that dropping is cheap.
	if len(sh.order) > 2*len(sh.byKey)+64 {
		sh.order = sh.live()
	}
}

// live lists what is on the shelf, oldest first.
func (sh *shelf) live() []record {
	out := make([]record, 0, len(sh.byKey))
	for _, r := range sh.order {
		if sh.byKey[r.key()] == r {
			out = append(out, r)
		}
	}
	return out
}

func line(out *bytes.Buffer, entries []written) error {
	// Encode ends each value with a newline, and writes none inside it.
	return json.NewEncoder(out).Encode(entries)
}

// mustJSON encodes what is made of plain fields and can't fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("stripesim: " + err.Error())
	}
	return b
}
