(** * 重みとバイアスの勾配（ステップ4、ステップ5）

    定理 thm-all-weights と thm-all-gradients です。 *)

From Coq Require Import Reals Lra Lia Arith FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From Backprop Require Import Sums Curves Network Induction.
Open Scope R_scope.

(** ** 損失は、どの層の加重和を通しても同じである *)

Lemma ahead_is_z net x n l : (1 <= l)%nat -> ahead net n l (z net x l) = z net x (n + l).
Proof.
  revert l. induction n as [|n IH]; intros l first; simpl; [reflexivity|].
  rewrite next_is_z by exact first. rewrite IH by lia. f_equal. lia.
Qed.

Lemma loss_through net E x l : l ∈ L net -> loss net E x = loss_from net E l (z net x l).
Proof.
  intros layer. unfold loss, loss_from. rewrite ahead_is_z by lia. do 2 f_equal. lia.
Qed.

(** ** 層 [l] のパラメータだけを替えたネットワーク *)

(** 層 [l] のほかの重みとバイアスが同じなら、層 [l-1] までの活性も、層 [l] から先の計算も同じである。 *)
Definition same_but (l : nat) (net net' : Network) : Prop :=
  L net' = L net /\ N net' = N net /\ f net' = f net /\
  forall i, i <> l -> w net' i = w net i /\ b net' i = b net i.

Lemma weighted_same l net net' i u : same_but l net net' -> i <> l -> weighted net' i u = weighted net i u.
Proof.
  intros [_ [width [_ others]]] other. destruct (others i other) as [weights biases].
  unfold weighted. rewrite width, weights, biases. reflexivity.
Qed.

Lemma a_same l net net' x i : same_but l net net' -> (i < l)%nat -> a net' x i = a net x i.
Proof.
  intros same. induction i as [|i IH]; intros before; simpl; [reflexivity|].
  rewrite IH by lia. rewrite (weighted_same l net net') by (assumption || lia).
  destruct same as [_ [_ [functions _]]]. unfold activation. rewrite functions. reflexivity.
Qed.

Lemma ahead_same l net net' n i u : same_but l net net' -> (l <= i)%nat -> ahead net' n i u = ahead net n i u.
Proof.
  intros same. revert i u. induction n as [|n IH]; intros i u after; simpl; [reflexivity|].
  rewrite IH by lia. f_equal. unfold next. rewrite (weighted_same l net net') by (assumption || lia).
  destruct same as [_ [_ [functions _]]]. unfold activation. rewrite functions. reflexivity.
Qed.

Lemma loss_same net net' E x l : same_but l net net' -> l ∈ L net ->
  loss net' E x = loss_from net E l (weighted net' l (a net x (l - 1))).
Proof.
  intros same layer. assert (depth := proj1 same). rewrite (loss_through net' E x l) by (rewrite depth; lia).
  unfold loss_from. rewrite (ahead_same l net net') by (assumption || lia). rewrite depth.
  unfold z. rewrite (a_same l net net') by (assumption || lia). reflexivity.
Qed.

Lemma with_weight_same net l j k t : same_but l net (with_weight net l j k t).
Proof.
  repeat split; try reflexivity. simpl. apply functional_extensionality. intros j'.
  apply functional_extensionality. intros k'. destruct (Nat.eq_dec i l); [contradiction|reflexivity].
Qed.

Lemma with_bias_same net l j t : same_but l net (with_bias net l j t).
Proof.
  repeat split; try reflexivity. simpl. apply functional_extensionality. intros j'.
  destruct (Nat.eq_dec i l); [contradiction|reflexivity].
Qed.

(** ** ステップ4（式 eq-weight-gradient）とステップ5（式 eq-bias-gradient） *)

Section Step.

Variables (net : Network) (E : vec -> R) (x : vec) (l j : nat) (δ : vec).
Hypothesis layer : l ∈ L net.
Hypothesis inside : j ∈ N net l.
Hypothesis along : along_curves (N net l) (loss_from net E l) (z net x l) δ.

Theorem weight_gradient k : k ∈ N net (l - 1) ->
  is_derive (fun t : R => loss (with_weight net l j k t) E x) (w net l j k) (δ j * a net x (l - 1) k).
Proof.
  intros entrance.
  apply is_derive_ext with (fun t => loss_from net E l (weighted (with_weight net l j k t) l (a net x (l - 1)))).
  { intros t. symmetry. apply loss_same; [apply with_weight_same|exact layer]. }
  (* Σ_i δ_i [i=j] a_k = δ_j a_k *)
  replace (δ j * a net x (l - 1) k)
    with (Σ i ≤ N net l, (δ i * (kronecker i j * a net x (l - 1) k))).
  2: { rewrite <- (sum_kronecker (N net l) j (fun i => δ i * a net x (l - 1) k)) by exact inside.
       apply sum_ext. intros; ring. }
  apply (along (fun t => weighted (with_weight net l j k t) l (a net x (l - 1)))).
  - intros i _. unfold z, weighted, with_weight. simpl. f_equal. apply sum_ext. intros p _.
    destruct (Nat.eq_dec l l); [|reflexivity].
    destruct (Nat.eq_dec i j) as [->|]; [|reflexivity]. destruct (Nat.eq_dec p k) as [->|]; reflexivity.
  - (* 加重和を、重みで微分する: [i=j] a_k *)
    intros i _. unfold weighted, with_weight. simpl. destruct (Nat.eq_dec l l) as [_|]; [|lia].
    rewrite <- Rplus_0_r. apply (is_derive_plus (V := R_NormedModule)).
    2: apply (is_derive_const (V := R_NormedModule)).
    replace (kronecker i j * a net x (l - 1) k)
      with (Σ p ≤ N net (l - 1), (kronecker i j * a net x (l - 1) p * kronecker p k))
      by (rewrite (sum_kronecker _ k (fun p => kronecker i j * a net x (l - 1) p)) by exact entrance; reflexivity).
    apply (is_derive_sum _ (fun t p => (if Nat.eq_dec i j then if Nat.eq_dec p k then t else w net l i p
                                       else w net l i p) * a net x (l - 1) p)).
    intros p _. unfold kronecker. destruct (Nat.eq_dec i j), (Nat.eq_dec p k); auto_derive; try exact I; ring.
Qed.

Theorem bias_gradient : is_derive (fun t : R => loss (with_bias net l j t) E x) (b net l j) (δ j).
Proof.
  apply is_derive_ext with (fun t => loss_from net E l (weighted (with_bias net l j t) l (a net x (l - 1)))).
  { intros t. symmetry. apply loss_same; [apply with_bias_same|exact layer]. }
  (* Σ_i δ_i [i=j] = δ_j *)
  rewrite <- (sum_kronecker (N net l) j δ) by exact inside.
  apply (along (fun t => weighted (with_bias net l j t) l (a net x (l - 1)))).
  - intros i _. unfold z, weighted, with_bias. simpl. f_equal. destruct (Nat.eq_dec l l); [|reflexivity].
    destruct (Nat.eq_dec i j) as [->|]; reflexivity.
  - intros i _. unfold weighted, with_bias. simpl. destruct (Nat.eq_dec l l) as [_|]; [|lia].
    unfold kronecker. destruct (Nat.eq_dec i j); auto_derive; try exact I; ring.
Qed.

End Step.

(** ** 定理（重みの勾配）と、バイアスの勾配 *)

Theorem all_weights net x ℒ g D :
  assumptions net x ℒ g D ->
  forall l j k, l ∈ L net -> j ∈ N net l -> k ∈ N net (l - 1) ->
  is_derive (fun t : R => loss (with_weight net l j k t) (elementwise net ℒ) x) (w net l j k)
    (D l j * a net x (l - 1) k).
Proof.
  intros given l j k layer inside entrance.
  apply weight_gradient; try assumption. apply all_layers_along_curves with g; assumption.
Qed.

Theorem all_biases net x ℒ g D :
  assumptions net x ℒ g D ->
  forall l j, l ∈ L net -> j ∈ N net l ->
  is_derive (fun t : R => loss (with_bias net l j t) (elementwise net ℒ) x) (b net l j) (D l j).
Proof.
  intros given l j layer inside.
  apply bias_gradient; try assumption. apply all_layers_along_curves with g; assumption.
Qed.

(** ** 例の平均（式 eq-weight-gradient-batch、eq-bias-gradient-batch）

    定理 thm-all-gradients です。例 [n] の入力は [x n]、損失は [ℒ n]、出力の勾配は [g n]、求めた誤差項は [D n] です。 *)

Lemma is_derive_mean m (F : R -> vec) (d : vec) t :
  (forall n, n ∈ m -> is_derive (fun s : R => F s n) t (d n)) ->
  is_derive (fun s : R => / INR m * (Σ n ≤ m, F s n)) t (/ INR m * (Σ n ≤ m, d n)).
Proof. intros each. apply is_derive_scal. apply is_derive_sum. exact each. Qed.

Theorem all_gradients net m x ℒ g D :
  (1 <= m)%nat ->
  (forall n, n ∈ m -> assumptions net (x n) (ℒ n) (g n) (D n)) ->
  (forall l j k, l ∈ L net -> j ∈ N net l -> k ∈ N net (l - 1) ->
     is_derive (fun t : R => cost (with_weight net l j k t) m (fun n => elementwise net (ℒ n)) x) (w net l j k)
       (/ INR m * (Σ n ≤ m, (D n l j * a net (x n) (l - 1) k)))) /\
  (forall l j, l ∈ L net -> j ∈ N net l ->
     is_derive (fun t : R => cost (with_bias net l j t) m (fun n => elementwise net (ℒ n)) x) (b net l j)
       (/ INR m * (Σ n ≤ m, D n l j))).
Proof.
  intros _ given. split.
  - intros l j k layer inside entrance. unfold cost.
    apply (is_derive_mean m (fun t n => loss (with_weight net l j k t) (elementwise net (ℒ n)) (x n))).
    intros n example. apply all_weights with (g n); auto.
  - intros l j layer inside. unfold cost.
    apply (is_derive_mean m (fun t n => loss (with_bias net l j t) (elementwise net (ℒ n)) (x n))).
    intros n example. apply all_biases with (g n); auto.
Qed.
