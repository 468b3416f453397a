import subprocess,time,os,signal
for args in (['-D','5000','-e','page-faults','sleep','8'],['-D','5000','-a','-e','page-faults']):
    t=time.time(); p=subprocess.Popen(['/tmp/bf/gperf','stat']+args,preexec_fn=lambda:(os.setsid(),signal.signal(2,signal.SIG_DFL)),stderr=subprocess.PIPE); time.sleep(.3); os.killpg(p.pid,2); o=p.communicate()[1]; print(p.returncode, round(time.time()-t,2), o.decode()[:200].replace('\n','|'))
t=time.time(); subprocess.run(['/tmp/bf/gperf','stat','-D','3000','-e','page-faults','true']); print(round(time.time()-t,2))
