#!/usr/bin/env python3
"""datavet clean of an HDF5 file under faults: errors and kills at system calls of the host and of the process in which
libhdf5 writes. Under a final name stands a file that is whole, or nothing; the original is untouched; and the same command
again does the rest.

usage: hdf5_fault_test.py BINARY_DIRECTORY
"""
import os
import shutil
import subprocess
import sys
import tempfile

if not shutil.which("strace") or subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode:
    print("skipped: strace is missing or may not trace here")
    sys.exit(77)
try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: h5py is missing")
    sys.exit(77)

B = tempfile.mkdtemp()
os.makedirs(B + '/data')
D = sys.argv[1] + '/datavet'
p=B+'/data/a.h5'
with h5py.File(p,'w') as f:
    d=f.create_dataset('x',data=np.arange(64*50).reshape(64,50),chunks=(8,50),fletcher32=True,compression='gzip'); f['y']=np.arange(64)
    i=d.id.get_chunk_info(2); off,size=i.byte_offset,i.size
b=bytearray(open(p,'rb').read()); b[off+size//2]^=1; open(p,'wb').write(b)
subprocess.run([D,'scan',B+'/data','--format','jsonl','-o',B+'/r.jsonl'])
C=[D,'clean',B+'/r.jsonl','--to',B+'/c','--force']
def tree():
    return {os.path.relpath(os.path.join(w,n),B+'/c'):open(os.path.join(w,n),'rb').read() for w,_,ns in os.walk(B+'/c') for n in ns}
assert subprocess.run(C,capture_output=True).returncode==0
want=tree(); orig=open(p,'rb').read(); n=bad=0
for inj in [f'{c}:{e}:when={k}' for c in ('pwrite64','fsync','renameat2','ftruncate','pread64') for e in ('error=ENOSPC','error=EIO','signal=KILL') for k in (1,2,4,7) if not (c=='pread64' and e=='error=ENOSPC')]:
    shutil.rmtree(B+'/c'); 
    r=subprocess.run(['strace','-f','-o',B+'/trace','-e','trace='+inj.split(':')[0],'-e','inject='+inj]+C,capture_output=True,timeout=60)
    if 'INJECTED' not in open(B+'/trace').read() and 'KILL' not in inj: continue
    t={k:v for k,v in tree().items() if not k.endswith('.part')} if os.path.exists(B+'/c') else {}
    left=[k for k in (tree() if os.path.exists(B+'/c') else {}) if k.endswith('.part')]
    ok=all(want.get(k)==v for k,v in t.items()) and ('a.h5' not in t or len(t)==2) and open(p,'rb').read()==orig and (r.returncode!=0 or t==want) and (r.returncode==-9 or not left)
    r2=subprocess.run(C,capture_output=True)
    ok=ok and r2.returncode==0 and tree()==want
    n+=1
    if not ok: bad+=1; print(inj,r.returncode,sorted(t),left,r.stderr.decode()[-200:],r.stdout.decode()[-300:],r2.returncode)
shutil.rmtree(B)
print(n, 'fault points,', bad, 'failures')
sys.exit(1 if bad or n < 30 else 0)
