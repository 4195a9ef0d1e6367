import time
def test_x(trade):
    t=time.time()
    o=trade.place()
    print(trade.run())
    trade.pull()
    print(time.time()-t, trade.order(o).state, trade.actions(trade.order(o), trade.document(o)))
    for j in trade.jobs(): print(j.kind, j.state, j.run_at, j.error)
def test_y(trade):
    pass
def test_z(trade):
    pass
